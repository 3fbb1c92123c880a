import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { CountersignError } from '../platform/errors.js';
import { WORKFLOW_TYPE } from '../workflows/runtime/signals.js';

/** Version of a worker. Source: Temporal's "Worker Versioning". */
export interface Versioning {
  /** `PINNED`: a run stays on the version on which it began. `AUTO_UPGRADE`: it moves to the current one. */
  behavior: 'PINNED' | 'AUTO_UPGRADE';
  deploymentName: string;
  buildId: string;
}

export interface Version {
  /** Undefined for runs that no versioned worker has had yet. */
  buildId: string | undefined;
  current: boolean;
  /** Number of running runs on it. */
  runs: number;
}

/** gRPC status for a missing deployment. */
const NOT_FOUND = 5;

/** Worker options for one version of a deployment; empty without `versioning`. */
export function deploymentOptions(versioning?: Versioning): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (!versioning) return {};
  const { behavior, deploymentName, buildId } = versioning;
  return {
    workerDeploymentOptions: {
      useWorkerVersioning: true,
      version: { deploymentName, buildId },
      defaultVersioningBehavior: behavior,
    },
  };
}

/** Creates the functions that read a deployment's versions, and choose the one for new runs. */
export function createVersions(client: Client, deploymentName: string) {
  const { namespace } = client.options;
  const describe = async () => {
    try {
      const request = { namespace, deploymentName };
      const { workerDeploymentInfo } = await client.workflowService.describeWorkerDeployment(request);
      return workerDeploymentInfo ?? undefined;
    } catch (error) {
      if (isGrpcServiceError(error) && error.code === NOT_FOUND) return undefined;
      throw error;
    }
  };
  const running = async (filter: string): Promise<number> => {
    const query = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND ${filter}`;
    return (await client.workflow.count(query)).count;
  };

  return {
    /** Versions, newest first. The last one stands for runs without a version, if there are any. */
    async list(): Promise<Version[]> {
      const info = await describe();
      const current = info?.routingConfig?.currentDeploymentVersion?.buildId;
      const versions: Version[] = [];
      for (const summary of info?.versionSummaries ?? []) {
        const buildId = summary.deploymentVersion?.buildId ?? '';
        const runs = await running(`TemporalWorkerDeploymentVersion = '${deploymentName}:${buildId}'`);
        versions.push({ buildId, current: buildId === current, runs });
      }
      const unversioned = await running('TemporalWorkerDeploymentVersion IS NULL');
      if (unversioned > 0) versions.push({ buildId: undefined, current: false, runs: unversioned });
      return versions;
    },

    /** Build for new runs; undefined while there is none. */
    async current(): Promise<string | undefined> {
      return (await describe())?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
    },

    /** Sends new runs, and auto-upgrading ones, to this build. @throws CountersignError when no worker of the build has ever polled. */
    async makeCurrent(buildId: string): Promise<void> {
      try {
        await client.workflowService.setWorkerDeploymentCurrentVersion({
          namespace,
          deploymentName,
          buildId,
          identity: client.options.identity,
        });
      } catch (error) {
        const reason = isGrpcServiceError(error) ? error.details : String(error);
        throw new CountersignError(
          'VersionNotCurrent',
          `Build ${buildId} of ${deploymentName} can't be made current (${reason}). Start a worker of it first: TEMPORAL_WORKER_BUILD_ID=${buildId}, then "countersign start".`,
          { cause: error },
        );
      }
    },
  };
}
