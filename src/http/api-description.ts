import type { ApiDescription } from './openapi.ts'

/** What the OpenAPI document says beside its operations. */
export const API: Omit<ApiDescription, 'servers'> = {
  title: 'Certex node',
  version: '0.1.0',
  description:
    'Electronic exchange of product certificates between states: certification bodies issue signed certificates, nodes exchange them with signed decisions, customs validate them. Errors are RFC 9457 problems; every `type` leads to a page that says what to do.',
  license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
  tags: [
    tag(
      ['Certificates', 'Issue, read, find and change certificates'],
      ['Сертификаты', 'Выдача, чтение, поиск и изменение сертификатов'],
    ),
    tag(
      ['Validation', 'Is this certificate genuine, and usable for these goods?'],
      ['Проверка', 'Подлинен ли сертификат и действует ли он для этих товаров?'],
    ),
    tag(
      ['Security notices', 'Keys that may be in wrong hands, and what they signed'],
      [
        'Уведомления о безопасности',
        'Ключи, которые могли попасть в чужие руки, и подписанное ими',
      ],
    ),
    tag(
      ['Exchange', 'Between nodes only, RFC 9421 signatures on requests and answers'],
      ['Обмен', 'Только между узлами, запросы и ответы с подписью RFC 9421'],
    ),
    tag(
      ['Trust', 'Trust lists, CRLs and status lists of this state'],
      ['Доверие', 'Доверенные списки, списки отзыва и списки состояний этого государства'],
    ),
    tag(
      ['Access', 'Access tokens for client systems'],
      ['Доступ', 'Токены доступа для систем-клиентов'],
    ),
    tag(
      ['Operations', 'Is the node well, and how goes the exchange?'],
      ['Эксплуатация', 'Исправен ли узел и как идёт обмен?'],
    ),
    tag(
      ['Audit', 'The log, its documents and its records, for those who judge them from outside'],
      ['Аудит', 'Журнал, его документы и записи — для тех, кто проверяет их извне'],
    ),
    tag(
      ['Documentation', 'The contract, its problems and its rules, for people and programs'],
      ['Документация', 'Контракт, сообщения об ошибках и правила для людей и программ'],
    ),
    tag(
      ['Administration', 'What the authority changes'],
      ['Управление', 'Что изменяет уполномоченный орган'],
    ),
  ],
}

/** The same of a node whose documents have no legal force. */
export const TRAINING_API: typeof API = {
  ...API,
  title: `${API.title} (TRAINING)`,
  description: `This is a training environment: its documents bear the mark \`env\`, have no legal force, and production refuses them. Every answer has the header Certex-Environment: training.\n\n${API.description}`,
}

/** A group of operations: name and description, in English and in Russian. */
function tag([name, description]: [string, string], [ruName, ruDescription]: [string, string]) {
  return { name, description, 'x-ru': { name: ruName, description: ruDescription } }
}
