/** The whole REST API, by resource. */

import { AccountApi } from './account';
import { ApiKeysApi } from './api-keys';
import { HttpClient } from './http';
import type { HttpOptions } from './http';
import { TasksApi } from './tasks';
import { TimeBlocksApi } from './time-blocks';

export interface Api {
  tasks: TasksApi;
  timeBlocks: TimeBlocksApi;
  account: AccountApi;
  apiKeys: ApiKeysApi;
}

export function createApi(options: HttpOptions): Api {
  const http = new HttpClient(options);
  return {
    tasks: new TasksApi(http),
    timeBlocks: new TimeBlocksApi(http),
    account: new AccountApi(http),
    apiKeys: new ApiKeysApi(http),
  };
}
