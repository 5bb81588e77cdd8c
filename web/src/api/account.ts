/** Signing in, the profile and the sessions over REST. */

import type { Answer, HttpClient } from './http';
import type { LoginSession, User, UserChanges } from './models';

export interface Credentials {
  email: string;
  password: string;
}

export interface SignedIn {
  user: User;
  token: string;
}

export class AccountApi {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async register(person: Credentials & { name?: string }): Promise<SignedIn> {
    return (await this.#http.write<SignedIn>('POST', '/auth/register', { body: person })).data;
  }

  async login(credentials: Credentials): Promise<SignedIn> {
    return (await this.#http.write<SignedIn>('POST', '/auth/login', { body: credentials })).data;
  }

  async logout(): Promise<void> {
    await this.#http.write('POST', '/auth/logout');
  }

  async refresh(): Promise<SignedIn> {
    return (await this.#http.write<SignedIn>('POST', '/auth/refresh')).data;
  }

  me(): Promise<Answer<User>> {
    return this.#http.read('/auth/me');
  }

  async change(changes: UserChanges): Promise<User> {
    return (await this.#http.write<User>('PATCH', '/auth/me', { body: changes })).data;
  }

  async changePassword(currentPassword: string, newPassword: string): Promise<void> {
    await this.#http.write('POST', '/auth/change-password', { body: { currentPassword, newPassword } });
  }

  async sessions(): Promise<LoginSession[]> {
    return (await this.#http.read<LoginSession[]>('/auth/sessions')).data;
  }

  async endSession(id: string): Promise<void> {
    await this.#http.write('DELETE', `/auth/sessions/${id}`);
  }
}
