"""What can be expected of which document is said completely, and of documents that there are."""

from distribution_visibility.lib.detect.expectation.expectation_vocabulary import (
    BASE_MODELS,
    BASES,
    FACT_MODELS,
    FACTS,
    TRIGGER_MODELS,
    TRIGGERS,
)


def test_every_trigger_says_which_document_it_is_about():
    assert [name for name, _label in TRIGGERS] == list(TRIGGER_MODELS)


def test_every_fact_says_of_which_documents_it_can_be_expected():
    assert [name for name, _label in FACTS] == list(FACT_MODELS)


def test_every_date_but_the_trigger_says_which_documents_have_it():
    assert [name for name, _label in BASES] == ["trigger", *BASE_MODELS]


def test_facts_and_dates_are_those_of_documents_that_something_triggers():
    triggered = set(TRIGGER_MODELS.values())
    assert triggered >= {model for models in (*FACT_MODELS.values(), *BASE_MODELS.values()) for model in models}
