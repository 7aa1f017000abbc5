import type { Storage } from '../../../server/storage/port.ts'
import type { WorkspaceId } from '../../../shared/trial.ts'

/** Two handles on one database, as two processes have. */
export type Both = () => { storage: Storage; second: Storage }

let workspaces = 0

/** So that tests in one database do not see each other. */
export const newWorkspace = (): WorkspaceId => `ws${++workspaces}` as WorkspaceId

/** Keys and values that databases like to interpret, rename or drop. */
export const awkward = (): Record<string, unknown> =>
  JSON.parse(
    `{"a.b": 1, "$set": {"x": 1}, "$where": "1", "": "empty", "__proto__": {"polluted": true}, "constructor": "c",
      "1": "number", "nested": {"$inc": {"y.z": [null, {"__proto__": 2}]}}, "_id": "own", "emoji 😀": "\\ud83d\\ude00",
      "nul": "a\\u0000b", "big": 1e300, "small": -0.1, "long": 9007199254740991, "no": null, "yes": true}`,
  ) as Record<string, unknown>
