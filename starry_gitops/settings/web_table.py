"""The keys of starry.yaml about the web page."""

from starry_gitops.settings.kinds import Block, Items, Named, Text

_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_ADDRESS = rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:\*\.)?{_LABEL}(?:\.{_LABEL}){{0,8}}"
_PERSON = rf"group:[^\x00-\x1f\x7f]{{1,200}}|{_ADDRESS}"
_SHAPE = "an e-mail address (with * and ? before the @, or *. after it) or group:NAME"


def _people(about: str) -> Items:
    return Items(about=about, item=Text(about="An e-mail address or a group.", pattern=_PERSON, shape=_SHAPE))


WEB = Block(
    about="Whom the web page lets in, and as what: e-mail addresses such as *@mycompany.com, or group:NAME. "
    "The highest role counts.",
    keys={
        "admins": _people("Who may change every preview."),
        "developers": _people("Who may create previews, and change their own."),
        "viewers": _people("Who may look."),
        "others": Text(
            about="What a person in none of these lists may do: none is no access.",
            pattern="none|viewer",
            shape="none or viewer",
            default="none",
        ),
        "owners": Named(
            about="Who an owner of previews is, where pipelines write another name than the e-mail address.",
            key=Text(about="An owner.", pattern=r"[^\x00-\x1f\x7f]{1,200}", shape="an owner's name"),
            item=Text(about="The person.", pattern=_PERSON, shape=_SHAPE),
        ),
    },
)
