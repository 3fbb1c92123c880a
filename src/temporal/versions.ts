import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { CountersignError } from '../platform/errors.js';
import { WORKFLOW_TYPE } from '../workflows/runtime/signals.js';

/** Which version of the service a worker is. Source: Temporal's "Worker Versioning". */
export interface Versioning {
  /** `PINNED`: a run ends under the version that it began with. `AUTO_UPGRADE`: it goes on under the current one. */
  behavior: 'PINNED' | 'AUTO_UPGRADE';
  deploymentName: string;
  buildId: string;
}

export interface Version {
  /** Undefined for runs that no versioned worker has had yet. */
  buildId: string | undefined;
  current: boolean;
  /** How many runs are running on it. */
  runs: number;
}

/** gRPC's status for what isn't there. */
const NOT_FOUND = 5;

/** What makes a worker one version of a deployment; nothing without `versioning`. */
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

/** The versions of one deployment: what runs on them, and which one new runs go to. */
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
    /** The newest first; the last one stands for runs without a version, where there are any. */
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

    /** The build that new runs go to; undefined while there is none. */
    async current(): Promise<string | undefined> {
      return (await describe())?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
    },

    /**
     * Sends new runs, and those that upgrade by themselves, to this build.
     *
     * @throws CountersignError when no worker of it has ever polled.
     */
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
          `Build ${buildId} of ${deploymentName} can't be made current (${reason}). Start a worker of it first: TEMPORAL_WORKER_VERSIONING=pinned, then "countersign start".`,
          { cause: error },
        );
      }
    },
  };
}
