"""What `create` and `update` share."""

from typing import Any

import click

from starry_gitops.cli.ci_output import find_pipeline, pipeline_options
from starry_gitops.cli.log import start_log
from starry_gitops.cli.options import LinesOption, Options, StarryOption, source_options, writing_options
from starry_gitops.cli.output import emit_result
from starry_gitops.core.apply import plan_apply
from starry_gitops.core.images import parse_image
from starry_gitops.core.intent import Apply
from starry_gitops.core.parameters import parse_edit, parse_source, parse_text, parse_ttl, refuse_contradictions
from starry_gitops.core.proposal import branch_of
from starry_gitops.errors import UsageFault
from starry_gitops.publishing import publish
from starry_gitops.templates import load_engines

_MAX_SEQUENCE = 10**17


def apply_options(command: Any) -> Any:
    """Adds the options that say what a preview shall be."""
    for decorate in (
        writing_options,
        pipeline_options,
        click.option(
            "--sequence",
            cls=StarryOption,
            type=click.IntRange(0, _MAX_SEQUENCE),
            metavar="N",
            help="The pipeline's number: an older pipeline never overwrites a newer one.",
        ),
        click.option(
            "--set",
            "edits",
            cls=LinesOption,
            multiple=True,
            metavar="PATH=VALUE",
            help="A further chart value, no secret. May be repeated.",
        ),
        click.option("--pin", cls=StarryOption, is_flag=True, help="Never expire, until it is unpinned."),
        click.option("--ttl", cls=StarryOption, metavar="DURATION", help="Time to live: 45m, 2h, PT90M."),
        click.option("--owner", cls=StarryOption, metavar="NAME", help="Whose preview it is."),
        click.option("--commit", cls=StarryOption, metavar="SHA", help="The component's commit it shows."),
        source_options,
        click.option(
            "--image",
            "images",
            cls=StarryOption,
            multiple=True,
            metavar="COMPONENT=TAG",
            help="A component's image: TAG, repo:TAG or repo@sha256:… May be repeated.",
        ),
    ):
        command = decorate(command)
    return command


def run_apply(options: Options, values: dict[str, Any], *, must_exist: bool) -> None:
    """Plans, publishes and prints."""
    start_log(options)
    source = parse_source(values["name"], values["pr"], values["source_branch"])
    keep_expiry = values.get("keep_expiry", False)
    if keep_expiry and values["ttl"] is not None:
        raise UsageFault("--keep-expiry and --ttl contradict each other", hint="leave one out")
    intent = Apply(
        source=source,
        overlay=options.overlay,
        images=tuple(parse_image(text) for text in values["images"]),
        commit=parse_text("--commit", values["commit"]),
        owner=parse_text("--owner", values["owner"]),
        ttl=parse_ttl(values["ttl"]),
        pin=values["pin"],
        edits=tuple(parse_edit(text) for text in values["edits"]),
        sequence=values["sequence"],
        only_new=values.get("only_new", False),
        must_exist=must_exist,
        keep_expiry=keep_expiry,
    )
    refuse_contradictions(intent.edits)
    _refuse_repeated([image.component for image in intent.images])
    target = options.writing_target(values)
    pipeline = find_pipeline(values)
    naming = branch_of(intent.source, intent.overlay)
    outcome = publish(target, lambda context: plan_apply(intent, context), proposal=naming, meanwhile=load_engines)
    emit_result(options, outcome, pipeline)


def _refuse_repeated(components: list[str]) -> None:
    for component in components:
        if components.count(component) > 1:
            raise UsageFault(f"--image names {component} more than once")
