#!/usr/bin/env node
// Install scripts are off (.npmrc). This builds the one native module by name when it is missing.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

function loads() {
  try {
    const Database = require('better-sqlite3')
    new Database(':memory:').close()
    return true
  } catch {
    return false
  }
}

if (!loads()) {
  console.log('Building better-sqlite3 for this machine, about a minute …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const built = spawnSync(npm, ['rebuild', 'better-sqlite3', '--ignore-scripts=false'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (built.status !== 0 || !loads()) {
    console.error('better-sqlite3 could not be built: it needs python3, make and a C++ compiler.')
    process.exit(1)
  }
}
