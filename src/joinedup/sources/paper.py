"""Scanned forms: PDF and image files read by optical character recognition (extra: joinedup[ocr]).

One row a form. Each field has a column and a `<field>__confidence` column (0 to 1, the reader's own
estimate: good at telling smudges, bad at telling O from 0, which check digits must do).
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from joinedup.errors import JoinedupError, LimitError, MissingExtraError, SourceError
from joinedup.sources.fixed_width import layout_document
from joinedup.sources.forms import FormLayout, Value, Words, form_layout, pairs, values_by_layout
from joinedup.sources.names import fit_names
from joinedup.sources.options import Progress, ReadOptions
from joinedup.sources.reading import Reading, Tally

_DOTS_PER_POINT = 200 / 72
_MOST_PIXELS = 25_000_000
_MOST_IMAGE_PIXELS = 150_000_000
OTHER = "other_text"


def read_pdf(path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None) -> Reading:
    """Return a Reading of the forms in a PDF, a page each unless the layout says more."""
    return _read(path, _pdf_pages, options=options, tally=tally, progress=progress)


def read_image(
    path: Path, *, options: ReadOptions, tally: Tally, progress: Progress | None = None
) -> Reading:
    """Return a Reading of the form in an image; each frame of a TIFF is a page."""
    return _read(path, _image_pages, options=options, tally=tally, progress=progress)


_Row = tuple[int, dict[str, Value], str]


def _read(
    path: Path, pages: Any, *, options: ReadOptions, tally: Tally, progress: Progress | None
) -> Reading:
    layout = form_layout(layout_document(options.layout)) if options.layout is not None else None
    _engine()  # says at once if the extra is missing
    if layout is not None:
        names = [field.name for field in layout.fields]
        next(pages(path, first_only=True), None)  # says at once if the file cannot be opened
        found: list[_Row] | None = None
    else:
        found = list(_forms(pages(path), None, progress, path))  # the labels are the columns: read first
        labels = dict.fromkeys(name for _, values, _ in found for name in values)
        names = [name for name in labels if name != OTHER] + ([OTHER] if OTHER in labels else [])
        tally.note("no layout was given: 'label: value' pairs were looked for")
    columns, notes = fit_names(names)
    tally.notes += notes
    schema = pa.schema(
        [
            field
            for name in columns
            for field in (pa.field(name, pa.string()), pa.field(f"{name}__confidence", pa.float64()))
        ]
    )

    def batches() -> Iterator[pa.RecordBatch]:
        unsure: Counter[str] = Counter()
        for number, values, reason in (
            found if found is not None else _forms(pages(path), layout, progress, path)
        ):
            if reason:
                tally.keep_aside(row=number, reason=reason)
                continue
            tally.rows_in += 1
            row: dict[str, Any] = {}
            for name, column in zip(names, columns, strict=True):
                value = values.get(name)
                row[column] = (value.text or None) if value else None
                row[f"{column}__confidence"] = round(value.confidence, 4) if value else None
                unsure[column] += value is not None and value.confidence < options.min_confidence
            yield pa.RecordBatch.from_pylist([row], schema=schema)
        for column, count in unsure.items():
            if count:
                tally.note(
                    f"field {column}: {count} values read with confidence below {options.min_confidence}"
                )

    return Reading(schema=schema, batches=batches, tally=tally)


def _forms(
    pages: Iterator[Any], layout: FormLayout | None, progress: Progress | None, path: Path
) -> Iterator[_Row]:
    """Yield (number of the form's first page, its values, reason if it cannot be read)."""
    size = layout.pages if layout else 1
    total = path.stat().st_size
    gathered: list[list[Words]] = []
    failure, first = "", 1
    for number, (image, count, reason) in enumerate(pages, start=1):
        if not gathered:
            first, failure = number, ""
        try:
            words = [] if image is None else _words(image)
            failure = failure or reason
        except JoinedupError:
            raise
        except Exception as error:  # the recogniser's own errors have no common root: the page is kept aside
            words, failure = [], f"page {number} cannot be read ({type(error).__name__})"
        gathered.append(words)
        if progress is not None:
            progress(total * number // max(count, number), total)
        if len(gathered) < size and number < count:
            continue
        if not failure and not any(gathered):
            failure = "no text was found on the page"
        if failure:
            yield first, {}, failure
        elif layout is not None:
            yield first, values_by_layout(gathered, layout), ""
        else:
            values, other = pairs(gathered[0])
            yield first, values | ({OTHER: other} if other else {}), ""
        gathered = []


def _words(image: np.ndarray[Any, Any]) -> list[Words]:
    """The text on a page, its places turned straight by the page's own slant."""
    result = _engine()(image)
    boxes = getattr(result, "boxes", None)
    if boxes is None:
        return []
    boxes = np.asarray(boxes, float)
    slant = _slant(boxes)
    height, width = image.shape[:2]
    turn = np.array([[math.cos(-slant), -math.sin(-slant)], [math.sin(-slant), math.cos(-slant)]])
    middle = np.array([width / 2, height / 2])
    straight = (boxes - middle) @ turn.T + middle
    found = []
    for box, text, score in zip(straight, result.txts, result.scores, strict=True):
        left, top = box.min(axis=0) / (width, height)
        right, bottom = box.max(axis=0) / (width, height)
        clean = " ".join(str(text).replace("：", ":").replace("\0", "").split())
        if clean:
            found.append(Words(clean, float(score), float(left), float(top), float(right), float(bottom)))
    return found


def _slant(boxes: np.ndarray[Any, Any]) -> float:
    """The angle of the text lines (radians): the median over boxes, longer ones counting more."""
    along = boxes[:, 1] - boxes[:, 0]
    lengths = np.hypot(along[:, 0], along[:, 1])
    long = lengths >= np.median(lengths)
    angle = float(np.median(np.arctan2(along[long, 1], along[long, 0])))
    return angle if abs(angle) < math.radians(15) else 0.0


def _pdf_pages(path: Path, *, first_only: bool = False) -> Iterator[tuple[Any, int, str]]:
    """Yield (image, number of pages, reason why there is none)."""
    pdfium = _extra("pypdfium2")
    try:
        document = pdfium.PdfDocument(path)
        count = len(document)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise SourceError(
                what="the PDF is protected by a password",
                where=str(path),
                mend="save a copy without the password",
            ) from error
        raise SourceError(
            what="the PDF is damaged", where=str(path), mend="ask the sender for it again, or scan it again"
        ) from error
    try:
        if not count:
            raise SourceError(what="the PDF has no page", where=str(path), mend="scan it again")
        for number in range(1 if first_only else count):
            try:
                page = document[number]
                width, height = page.get_size()
                scale = min(_DOTS_PER_POINT, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
                image = page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3].copy()
                page.close()
            except (pdfium.PdfiumError, ValueError, MemoryError, ArithmeticError) as error:
                yield None, count, f"page {number + 1} cannot be drawn ({type(error).__name__})"
            else:
                yield image, count, ""
    finally:
        document.close()


def _image_pages(path: Path, *, first_only: bool = False) -> Iterator[tuple[Any, int, str]]:
    pillow, ops, sequence = _extra("PIL.Image"), _extra("PIL.ImageOps"), _extra("PIL.ImageSequence")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own limit: ours is below
            image = pillow.open(path)
        if image.width * image.height > _MOST_IMAGE_PIXELS:
            raise _too_large(path)
        count = getattr(image, "n_frames", 1)
        for number, frame in enumerate(sequence.Iterator(image)):
            if first_only and number:
                return
            upright = ops.exif_transpose(frame).convert("RGB")
            if upright.width * upright.height > _MOST_PIXELS:
                share = math.sqrt(_MOST_PIXELS / (upright.width * upright.height))
                upright = upright.resize((int(upright.width * share), int(upright.height * share)))
            yield np.asarray(upright)[:, :, ::-1].copy(), count, ""
    except JoinedupError:
        raise
    except (OSError, ValueError, SyntaxError, TypeError, ArithmeticError, LookupError, MemoryError) as error:
        raise _bad_image(path, error) from error
    except pillow.DecompressionBombError as error:  # its own limit, a little above ours
        raise _too_large(path) from error
    except (EOFError, NotImplementedError, AttributeError) as error:
        raise _bad_image(path, error) from error


def _too_large(path: Path) -> LimitError:
    return LimitError(
        what=f"the image has more than {_MOST_IMAGE_PIXELS:,} dots",
        where=str(path),
        mend="scan it at 200 to 300 dots an inch",
    )


def _bad_image(path: Path, error: Exception) -> SourceError:
    return SourceError(
        what=f"the image is damaged or of an unknown kind ({type(error).__name__})",
        where=str(path),
        mend="scan it again as PNG, TIFF or JPEG",
    )


@cache
def _engine() -> Any:
    """The recogniser, with the models that lie in its package: nothing is fetched."""
    rapidocr = _extra("rapidocr")
    _extra("onnxruntime")
    folder = Path(rapidocr.__file__).parent / "models"
    models = {
        f"{part}.model_path": next((str(file) for file in sorted(folder.glob(f"*_{key}_*.onnx"))), None)
        for part, key in (("Det", "det"), ("Rec", "rec"), ("Cls", "cls"))
    }
    if None in models.values():
        raise MissingExtraError(
            what="the recogniser's models are not in its package",
            where="rapidocr",
            mend="install joinedup[ocr] anew",
        )
    return rapidocr.RapidOCR(params={"Global.log_level": "critical", **models})


def _extra(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            what=f"reading paper needs the package {name.split('.')[0]}",
            where="scanned PDF or image",
            mend="install joinedup[ocr]",
        ) from error
