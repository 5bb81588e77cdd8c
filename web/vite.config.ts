import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const SERVER = process.env.PLANNER_SERVER ?? 'http://localhost:3001';
const API_PATHS = ['/auth', '/tasks', '/time-blocks', '/api-keys', '/healthz', '/readyz'];

export default defineConfig({
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../realtime_app/static',
    emptyOutDir: true,
    assetsDir: 'assets',
    // Inlined assets would be data: URLs, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      ...Object.fromEntries(API_PATHS.map((path) => [path, SERVER])),
      '/ws': { target: SERVER, ws: true },
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}'],
    environment: 'node',
    restoreMocks: true,
  },
});
