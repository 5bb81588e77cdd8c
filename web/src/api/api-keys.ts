/** The keys of this user's agents over REST. */

import type { HttpClient } from './http';
import type { ApiKey, Scope } from './models';

export interface NewApiKey {
  name: string;
  scopes: Scope[];
  /** An instant, or a plain day: its end. */
  expiresAt: string | null;
}

export class ApiKeysApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async list(): Promise<ApiKey[]> {
    return (await this.#http.read<ApiKey[]>('/api-keys')).data;
  }

  /** `key` is the secret itself, shown this once. */
  async create(apiKey: NewApiKey): Promise<{ apiKey: ApiKey; key: string }> {
    return (await this.#http.write<{ apiKey: ApiKey; key: string }>('POST', '/api-keys', { body: apiKey })).data;
  }

  async change(id: string, changes: Partial<NewApiKey & { isActive: boolean }>): Promise<ApiKey> {
    return (await this.#http.write<ApiKey>('PATCH', `/api-keys/${id}`, { body: changes })).data;
  }

  async remove(id: string): Promise<void> {
    await this.#http.write('DELETE', `/api-keys/${id}`);
  }
}
