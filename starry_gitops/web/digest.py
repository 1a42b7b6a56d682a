"""What of `starry.yaml` a person, or a program, that makes a preview must know."""

from typing import Any

from starry_gitops.core.settings import Component, Overlay
from starry_gitops.web.view import View


def digest(view: View) -> dict[str, Any]:
    """Components, overlays and the policy. TTLs are minutes; no quota, and no list of images, is no limit."""
    settings = view.settings
    policy = settings.policy
    return {
        "revision": view.revision,
        "domain": settings.domain,
        "hostTemplate": settings.host_template,
        "defaultOverlay": settings.default_overlay,
        "overlays": [_overlay(one) for one in settings.overlays.values()],
        "components": [_component(one) for one in settings.components],
        "policy": {
            "ttlMinutes": {"default": policy.ttl.default, "min": policy.ttl.minimum, "max": policy.ttl.maximum},
            "graceMinutes": policy.gc.grace,
            "images": None if policy.images is None else list(policy.images),
            "quotaOverAll": policy.quota_over_all.total,
        },
    }


def _overlay(overlay: Overlay) -> dict[str, Any]:
    return {
        "name": overlay.name,
        "previews": overlay.previews,
        "domain": overlay.domain,
        "quota": {"total": overlay.quota.total, "perOwner": overlay.quota.per_owner},
    }


def _component(component: Component) -> dict[str, Any]:
    return {
        "name": component.name,
        "app": component.app,
        "image": component.image,
        "required": component.required,
    }
