import pytest

from realtime_app.core.close_codes import CloseCode, Reconnect


def test_only_a_refused_credential_forbids_to_reconnect():
    assert [code for code in CloseCode if code.reconnect is Reconnect.NEVER] == [CloseCode.CREDENTIAL_REFUSED]


def test_a_code_is_its_number_when_it_goes_to_the_wire():
    assert CloseCode(4008) is CloseCode.TOO_SLOW
    assert CloseCode.TOO_SLOW.to_bytes(2) == b"\x0f\xa8"


@pytest.mark.parametrize("code", list(CloseCode))
def test_each_code_says_in_a_sentence_when_it_is_issued(code):
    assert code.issued_when[0].isupper()
    assert code.issued_when.endswith(".")


def test_the_client_is_at_fault_when_it_broke_the_framing_or_a_rate():
    assert {code.value for code in CloseCode if code.is_clients_fault} == {1002, 1007, 1009, 4029}
