"""Previews' Applications in a namespace of their own."""

import pytest
import yaml

from starry_gitops.errors import PolicyRefusal
from tests.unit.world import PREVIEWS, SETTINGS, create, empty, problems, text

OWN = SETTINGS + "overlays: {dev: {previews: true, applicationNamespace: preview-apps}}\n"


def test_the_application_and_what_keeps_the_folder_are_there() -> None:
    tree = create(empty(OWN), "p-1")
    application = yaml.safe_load(text(tree, f"{PREVIEWS}/p-1/application.yaml"))
    assert application["metadata"]["namespace"] == "preview-apps"
    assert yaml.safe_load(text(tree, f"{PREVIEWS}/keep.yaml"))["metadata"]["namespace"] == "preview-apps"
    assert problems(tree) == []


def test_the_tracking_id_has_the_namespace_as_argo_cd_writes_it() -> None:
    """Application names are unique in a namespace only, so Argo CD's InstanceName is `<namespace>_<name>`."""
    for settings, instance in ((OWN, "preview-apps_p-1"), (SETTINGS, "p-1")):
        application = yaml.safe_load(text(create(empty(settings), "p-1"), f"{PREVIEWS}/p-1/application.yaml"))
        annotations = application["spec"]["syncPolicy"]["managedNamespaceMetadata"]["annotations"]
        assert annotations == {"argocd.argoproj.io/tracking-id": f"{instance}:/Namespace:/p-1"}


def test_an_application_in_argo_cds_namespace_is_a_finding_then() -> None:
    tree = create(empty(SETTINGS), "p-1").put({"starry.yaml": OWN})
    assert any("metadata.namespace must be 'preview-apps'" in problem for problem in problems(tree))


def test_the_namespace_is_no_name_for_a_preview() -> None:
    with pytest.raises(PolicyRefusal, match="reserved"):
        create(empty(OWN), "preview-apps")
