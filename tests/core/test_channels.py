from realtime_app.core.channels import CONTROL, channel_user, user_channel


def test_a_users_channel_is_the_one_that_other_programs_know():
    assert user_channel("7b1c") == "user:7b1c:events"


def test_a_channel_names_its_user():
    assert channel_user(user_channel("7b1c-4d")) == "7b1c-4d"


def test_no_user_has_the_control_channel():
    assert channel_user(CONTROL) == ""
