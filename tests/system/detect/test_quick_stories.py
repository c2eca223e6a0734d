from scripts.stories import __main__ as stories


def test_a_dozen_stories_of_a_distributors_days_are_told_as_a_careful_dispatcher_tells_them(capfd):
    """All of them, and what each detector is worth: `make stories`."""
    code = stories.main(["quick"])
    assert code == 0, capfd.readouterr().out
