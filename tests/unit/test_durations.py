"""Durations are whole minutes, instants are UTC in whole seconds; garbage is a UsageFault and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starry_gitops.core.ttl import (
    format_duration,
    format_instant,
    is_expired,
    minutes_until,
    parse_duration,
    parse_instant,
)
from starry_gitops.errors import UsageFault
from tests.unit.strategies import texts

minutes = st.integers(min_value=1, max_value=10**6)
instants = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - the zone is drawn
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda value: value.replace(microsecond=0))


@given(minutes)
def test_a_duration_survives_being_written(value: int) -> None:
    assert parse_duration(format_duration(value)) == value


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 999))
def test_the_iso_form_means_the_same_as_the_short_one(days: int, hours: int, rest: int) -> None:
    total = days * 1440 + hours * 60 + rest
    assert parse_duration(f"P{days}DT{hours}H{rest}M") == total
    assert parse_duration(f"{days}d{hours}h{rest}m") == total


EXAMPLES = {
    "45m": 45, "2h": 120, "1h30m": 90, "1d": 1440, "PT90M": 90, "P1DT2H": 1560, "PT1H30M": 90, "120s": 2,
    "PT120S": 2, "P1D": 1440, "0m": 0, "090m": 90,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), EXAMPLES.items())
def test_documented_forms_of_durations(text: str, value: int) -> None:
    assert parse_duration(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "30", "m", "P", "PT", "P1DT", "1.5h", "-5m", "+5m", "5 m", " 5m", "5m ", "5m\n", "5M", "5H", "pt5m", "1w",
        "P1W", "P1Y", "P1M", "5m1h", "5m5m", "90s", "1h1s", "5mm", "٥m", "5ｍ", "1e3m", "forever", "never", "∞",  # noqa: RUF001
        "9" * 30 + "m", "P1DT1", "0x5m",
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_duration(text)


def test_a_number_without_unit_is_told_about_units() -> None:
    with pytest.raises(UsageFault) as caught:
        parse_duration("30")
    assert "30m" in caught.value.hint


@given(texts)
def test_any_text_is_a_duration_or_a_usage_fault(text: str) -> None:
    try:
        assert 0 <= parse_duration(text) < 10**9
    except UsageFault as fault:
        assert "\n" not in fault.message  # noqa: PT017


@given(instants)
def test_an_instant_survives_being_written(value: datetime) -> None:
    written = format_instant(value)
    assert len(written) == len("2026-01-31T18:00:00Z")
    assert parse_instant(written) == value


@pytest.mark.parametrize("year", [1, 20, 999, 1000, 9999])
def test_an_instant_is_written_with_a_year_of_four_digits(year: int) -> None:
    value = datetime(year, 1, 1, 12, tzinfo=UTC)
    assert parse_instant(format_instant(value)) == value


@given(instants, st.integers(-23 * 60, 23 * 60))
def test_an_offset_changes_the_text_not_the_instant(value: datetime, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    assert parse_instant(value.astimezone(zone).isoformat()) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-01-31", "2026-01-31T18:00:00", "2026-01-31 18:00:00Z", "2026-02-30T00:00:00Z",
        "2026-01-31T24:00:01Z", "2026-13-01T00:00:00Z", "2026-01-31T18:00Z", "20260131T180000Z",
        "2026-01-31T18:00:00z\n",
        "2026-01-31T18:00:00+99:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "٢٠٢٦-01-31T18:00:00Z",
        "2026-01-31T18:00:00 Z", "2026-W05-6T18:00:00Z", "1769882400", "2026-01-31T18:00:60Z",
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(UsageFault):
        parse_instant(text)


@given(texts | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", fullmatch=True))
def test_any_text_is_an_instant_or_a_usage_fault(text: str) -> None:
    try:
        value = parse_instant(text)
    except UsageFault:
        return
    assert value.tzinfo == UTC
    assert value.microsecond == 0


@given(instants, st.integers(0, 10**5))
def test_a_preview_expires_at_the_very_second(expires_at: datetime, grace: int) -> None:
    try:
        moment = expires_at + timedelta(minutes=grace)
    except OverflowError:
        return
    assert is_expired(expires_at, moment, grace)
    assert not is_expired(expires_at, moment - timedelta(seconds=1), grace)


@given(st.integers(1, 10**6))
def test_the_ttl_that_covers_an_expiry_is_rounded_up(seconds: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = minutes_until(now + timedelta(seconds=seconds), now)
    assert (found - 1) * 60 < seconds <= found * 60
