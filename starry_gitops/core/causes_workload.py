"""Causes that keep what was applied from running."""

from starry_gitops.core.cause import Cause

_LATER = 180
"""Seconds that an object may wait for another one of the same preview."""

WORKLOAD_CAUSES: tuple[Cause, ...] = (
    Cause(
        id="image_name",
        pattern=r"InvalidImageName|couldn't parse image|invalid reference format",
        looks="InvalidImageName",
        cause="The image's name or tag cannot be right.",
        next_step="Correct it: starry update NAME --image COMPONENT=TAG.",
        patience=0,
    ),
    Cause(
        id="image_platform",
        pattern=r"no match for platform in manifest|exec format error",
        looks="no match for platform in manifest",
        cause="The image was built for another kind of processor.",
        next_step="Build it for the nodes' platform, say linux/amd64.",
        patience=0,
    ),
    Cause(
        id="image_missing",
        pattern=r"(?i)(?:pull|image|manifest|reference)\b.*(?:not found|manifest unknown)|MANIFEST_UNKNOWN",
        looks="Failed to pull image …: … not found",
        cause="The registry has no image of this name and tag: a typing error, or it is not pushed yet.",
        next_step="Push the image before starry create; correct the tag with starry update NAME --image COMPONENT=TAG.",
        patience=120,
    ),
    Cause(
        id="image_denied",
        pattern=r"pull access denied|downloadArtifacts|failed to authorize|unauthorized: |insufficient_scope"
        r"|(?i:(?:pull|image|token|manifests)\b.*(?:40[13] |unauthorized|forbidden))",
        looks="Failed to pull image …: 403 Forbidden, or pull access denied",
        cause="The nodes may not read the image's repository.",
        next_step="Grant the nodes' service account roles/artifactregistry.reader on the repository.",
        patience=120,
    ),
    Cause(
        id="registry_slow",
        pattern=r"(?i)toomanyrequests|pull QPS exceeded|(?:pull|registry|image).*(?:i/o timeout|TLS handshake timeout)",
        looks="toomanyrequests, or i/o timeout while pulling",
        cause="The registry limits or does not answer.",
        next_step="Wait; keep images in a registry near the cluster.",
        patience=900,
    ),
    Cause(
        id="image_pull",
        pattern=r"ErrImagePull|ImagePullBackOff|Back-off pulling image|Failed to pull image",
        looks="ErrImagePull, ImagePullBackOff",
        cause="The image cannot be pulled: the tag or registry is mistyped, or the nodes may not read it.",
        next_step="Check repository and tag (starry show NAME), and Artifact Registry's permissions.",
        patience=300,
    ),
    Cause(
        id="secret_denied",
        pattern=r"(?i)secretmanager\.\S+' denied|PermissionDenied.*secret|secret.*PermissionDenied",
        looks="Permission 'secretmanager.versions.access' denied",
        cause="External Secrets may not read the secret in Secret Manager.",
        next_step="Grant its account roles/secretmanager.secretAccessor on that one secret.",
        patience=_LATER,
    ),
    Cause(
        id="secret_absent",
        pattern=r"Secret does not exist|desc = Secret \[?\S+ (?:not found|or its)|error processing spec\.data",
        looks="error processing spec.data[0] …, err: Secret does not exist",
        cause="The secret, or its version, is not in Secret Manager.",
        next_step="Create it there, under the plain name that remoteRef.key holds.",
        patience=_LATER,
    ),
    Cause(
        id="secret_store",
        pattern=r"(?i)SecretStore\S* .*(?:not ready|not found)|could not get (?:Cluster)?SecretStore"
        r"|InvalidProviderConfig|could not get provider client|InvalidStoreConfiguration",
        looks='ClusterSecretStore "…" is not ready',
        cause="The secret store is not there, or cannot sign in.",
        next_step="Look at the ClusterSecretStore's status, and at its Workload Identity.",
        patience=_LATER,
    ),
    Cause(
        id="secret_sync",
        pattern=r"SecretSyncedError|could not get secret data from provider|could not update secret",
        looks="SecretSyncedError: could not get secret data from provider",
        cause="External Secrets cannot copy the secret.",
        next_step="Read the ExternalSecret's events: they hold the provider's own words.",
        patience=_LATER,
    ),
    Cause(
        id="secret_missing",
        pattern=r"secret \"\S+\" not found|couldn't find key \S+ in Secret|references non-existent secret",
        looks='secret "…" not found',
        cause="A pod needs a Secret that is not there.",
        next_step="Look at the ExternalSecret that makes it; External Secrets may not have copied it yet.",
        patience=_LATER,
    ),
    Cause(
        id="config_missing",
        pattern=r"configmap \"\S+\" not found|couldn't find key \S+ in ConfigMap|CreateContainerConfigError"
        r"|serviceaccount \"\S+\" not found",
        looks='configmap "…" not found, CreateContainerConfigError',
        cause="A pod needs a ConfigMap or ServiceAccount that is not there.",
        next_step="Check its name in the chart and in values.yaml.",
        patience=_LATER,
    ),
    Cause(
        id="out_of_memory",
        pattern=r"OOMKilled|OOMKilling|exit code 137",
        looks="OOMKilled",
        cause="A container needs more memory than its limit.",
        next_step="Raise resources.limits.memory of the component in values.yaml.",
        patience=_LATER,
    ),
    Cause(
        id="volume_pending",
        pattern=r"unbound immediate PersistentVolumeClaims|waiting for first consumer|no persistent volumes available"
        r"|ProvisioningFailed|storageclass\S* \"\S+\" not found|waiting for a volume to be created"
        r"|PersistentVolumeClaim is (?:Pending|Lost)",
        looks="pod has unbound immediate PersistentVolumeClaims",
        cause="A volume has not been made yet.",
        next_step="Check the storage class and the disk quota; previews run well without volumes.",
        patience=600,
    ),
    Cause(
        id="volume_mount",
        pattern=r"FailedMount|FailedAttachVolume|Unable to attach or mount volumes|Multi-Attach error",
        looks="FailedMount, FailedAttachVolume",
        cause="A volume cannot be attached to the pod's node.",
        next_step="Read the pod's events; a disk that another node still holds is let go after some minutes.",
        patience=600,
    ),
    Cause(
        id="unschedulable",
        pattern=r"nodes are available|Unschedulable|FailedScheduling|Insufficient (?:cpu|memory|ephemeral)|OutOfcpu"
        r"|OutOfmemory",
        looks="0/3 nodes are available: 3 Insufficient cpu",
        cause="No node has room for a pod.",
        next_step="Wait for a new node; else lower the requests, delete previews, or raise the node pool's maximum.",
        patience=900,
    ),
    Cause(
        id="crash_loop",
        pattern=r"CrashLoopBackOff|restarting failed container|failed with exit code|StartError|RunContainerError"
        r"|CreateContainerError",
        looks="CrashLoopBackOff: back-off 5m0s restarting failed container",
        cause="A container starts and ends again.",
        next_step="Read its log: kubectl logs -n NAMESPACE POD --previous. Often a variable or a database is missing.",
        patience=300,
    ),
    Cause(
        id="probe_failed",
        pattern=r"(?:Readiness|Liveness|Startup) probe (?:failed|errored)",
        looks="Readiness probe failed: HTTP probe failed with statuscode: 503",
        cause="A container runs, but does not say that it is ready.",
        next_step="Check the probe's path and port, and the app's log.",
        patience=600,
    ),
    Cause(
        id="sync_failed",
        pattern=r"one or more (?:objects failed to apply|synchronization tasks)|SyncError|Failed sync attempt"
        r"|SyncFailed",
        looks="one or more objects failed to apply",
        cause="Argo CD could not apply the commit.",
        next_step="Open the Application in Argo CD: the sync's result names each object.",
        patience=60,
    ),
    Cause(
        id="waiting_for_health",
        pattern=r"waiting for healthy state of",
        looks="waiting for healthy state of apps/Deployment/…",
        cause="The next sync wave waits until the objects of this one run.",
        next_step="Wait; where it stays, look at the object that the message names.",
        patience=None,
    ),
)
