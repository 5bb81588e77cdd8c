from __future__ import annotations

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import Body, Identifier, parse, wrong_identifiers

ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"


class Named(Body):
    id: Identifier


def test_an_id_gets_its_canonical_spelling() -> None:
    assert parse(Named, {"id": ID.upper()}).id == ID
    assert wrong_identifiers({"id": ID.upper()}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        ID.replace("-", ""),
        ID.replace("-", "") + "----",
        "{" + ID[:-2] + "}",
        ID.replace("0", "٠"),
        ID + "\n",
        ID[:-1] + "ſ",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as failed:
        parse(Named, {"id": text})
    assert failed.value.errors == wrong_identifiers({"id": text}) == {"id": ["must be a UUID"]}
