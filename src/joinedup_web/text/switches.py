"""Whether an organisation lets a feature use its model: read before every use, so that the switch acts at once."""

from __future__ import annotations

from uuid import UUID

from joinedup.text.features import FEATURES
from joinedup_web.text.models import FeatureSwitch


def is_on(organisation_id: UUID, feature: str) -> bool:
    """Whether the feature may be used now: the organisation's own setting, or else how it is shipped.

    Asks the database each time and keeps nothing: a feature switched off is off for the next batch of a job that
    already runs. Ask once for each batch. KeyError for a feature that is not listed.
    """
    known = FEATURES[feature]
    if not known.may_switch_off:
        return True
    setting = (
        FeatureSwitch.objects.filter(organisation_id=organisation_id, feature=feature)
        .values_list("is_on", flat=True)
        .first()
    )
    return known.default_on if setting is None else setting
