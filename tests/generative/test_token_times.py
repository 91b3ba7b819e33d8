"""When a token counts: the bounds of iat, nbf and exp, against the rule written down plainly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinedup.identity import FaultCode, IdentityFault
from joinedup.identity.checks import check_audience, check_times
from joinedup.identity.faults import TokenCodes

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
AT = NOW.timestamp()
CODES = TokenCodes.of("id_token")
near = st.integers(-200, 200) | st.sampled_from([-31, -30, -29, 29, 30, 31, 0])
not_a_time = st.none() | st.booleans() | st.text() | st.lists(st.integers()) | st.just(float("nan"))
not_a_time |= st.just(float("inf"))


def verdict(claims, skew: int) -> FaultCode | None:
    try:
        check_times(claims, now=NOW, codes=CODES, skew=timedelta(seconds=skew))
    except IdentityFault as fault:
        return fault.code
    return None


@given(issued=near, ends=near, begins=st.none() | near, skew=st.integers(0, 60))
def test_a_token_counts_from_its_beginning_until_its_end_give_or_take_the_skew(issued, ends, begins, skew):
    claims = {"iat": AT + issued, "exp": AT + ends}
    if begins is not None:
        claims["nbf"] = AT + begins

    over = ends <= -skew
    early = issued > skew or (begins is not None and begins > skew)
    expected = FaultCode.ID_TOKEN_EXPIRED if over else FaultCode.ID_TOKEN_NOT_YET_VALID if early else None
    assert verdict(claims, skew) is expected


@given(name=st.sampled_from(["iat", "exp", "nbf"]), value=not_a_time)
def test_what_is_no_time_is_malformed_and_never_forgiven(name, value):
    claims = {"iat": AT, "exp": AT + 60, name: value}

    assert verdict(claims, 30) is FaultCode.ID_TOKEN_MALFORMED


@given(moved=st.integers(-10_000, 10_000), skew=st.integers(0, 60))
def test_time_goes_one_way_a_token_once_over_stays_over(moved, skew):
    claims = {"iat": AT, "exp": AT + 120}

    def at(seconds: int) -> FaultCode | None:
        try:
            check_times(
                claims,
                now=NOW + timedelta(seconds=seconds),
                codes=CODES,
                skew=timedelta(seconds=skew),
            )
        except IdentityFault as fault:
            return fault.code
        return None

    if at(moved) is FaultCode.ID_TOKEN_EXPIRED:
        assert at(moved + 1) is FaultCode.ID_TOKEN_EXPIRED
    if at(moved) is FaultCode.ID_TOKEN_NOT_YET_VALID:
        assert at(moved - 1) is FaultCode.ID_TOKEN_NOT_YET_VALID


names = st.sampled_from(["us", "them", "", 7, None])


@given(audience=names | st.lists(names, max_size=3), party=st.sampled_from(["absent", "us", "them", 7]))
def test_a_token_is_ours_only_if_it_names_us_and_was_given_to_nobody_else(audience, party):
    claims = {"aud": audience} | ({} if party == "absent" else {"azp": party})
    holds_us = audience == "us" or (isinstance(audience, list) and "us" in audience)
    alone = not isinstance(audience, list) or set(audience) <= {"us"}
    ours = holds_us and (party == "us" or (party == "absent" and alone))

    if ours:
        check_audience(claims, audience="us", codes=CODES)
        return
    with pytest.raises(IdentityFault):
        check_audience(claims, audience="us", codes=CODES)
