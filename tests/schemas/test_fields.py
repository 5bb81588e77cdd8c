from __future__ import annotations

import pytest

from realtime_app.errors import ValidationFailed
from realtime_app.schemas.fields import parse_identifier

ID = "0b0e8c1e-9f0f-4c51-9a58-5d7f2b1c6a01"


def test_an_id_gets_its_canonical_spelling() -> None:
    assert parse_identifier(ID.upper()) == ID


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
        parse_identifier(text)
    assert failed.value.errors == {"id": ["must be a UUID"]}
