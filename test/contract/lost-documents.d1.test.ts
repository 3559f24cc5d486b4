import { lostDocumentsContract } from './lost-documents-contract.ts'
import { d1Engine } from './storage-engines.ts'

lostDocumentsContract('D1', d1Engine(16))
