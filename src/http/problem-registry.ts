// Long, because it is one table of texts: what a slug means stands nowhere else.

/** Text for people, in the two working languages. */
export interface Bilingual {
  en: string
  ru: string
}

export interface ProblemKind {
  status: number
  title: Bilingual
  /** What happened and what to do about it. */
  explanation: Bilingual
}

/**
 * Every problem this node answers with (RFC 9457 §4). A slug never changes its meaning: clients match
 * the `type` URL made of it.
 */
export const PROBLEMS = {
  'malformed-json': {
    status: 400,
    title: { en: 'The body is not JSON', ru: 'Тело запроса не является JSON' },
    explanation: {
      en: 'The body is not UTF-8 encoded JSON, or is nested too deeply. Send JSON without a byte order mark.',
      ru: 'Тело запроса не является JSON в кодировке UTF-8 либо вложенность слишком велика. Отправьте JSON без метки порядка байтов.',
    },
  },
  'duplicate-member': {
    status: 400,
    title: { en: 'A member name stands twice', ru: 'Имя элемента повторяется' },
    explanation: {
      en: 'One object of the JSON body has two members of the same name, so that readers could disagree about its value. Send each name once.',
      ru: 'В одном объекте JSON имя элемента указано дважды, и значение можно прочитать по-разному. Укажите каждое имя один раз.',
    },
  },
  'empty-body': {
    status: 400,
    title: { en: 'The body is missing', ru: 'Тело запроса отсутствует' },
    explanation: {
      en: 'This operation needs a body and none arrived. Send one of the media types the operation accepts.',
      ru: 'Для этой операции нужно тело запроса, но оно не получено. Отправьте данные в одном из принимаемых форматов.',
    },
  },
  'unexpected-body': {
    status: 400,
    title: { en: 'This operation takes no body', ru: 'Операция не принимает тело запроса' },
    explanation: {
      en: 'A body arrived that would have been ignored. Send the request without one.',
      ru: 'Получено тело запроса, которое было бы проигнорировано. Повторите запрос без него.',
    },
  },
  'incomplete-body': {
    status: 400,
    title: { en: 'The body broke off', ru: 'Тело запроса получено не полностью' },
    explanation: {
      en: 'The connection ended before the whole body arrived. Nothing was done; send the request again.',
      ru: 'Соединение прервалось до получения всего тела запроса. Ничего не выполнено; отправьте запрос ещё раз.',
    },
  },
  'invalid-body': {
    status: 422,
    title: { en: 'The body breaks its schema', ru: 'Тело запроса не соответствует схеме' },
    explanation: {
      en: 'The body can be read, but some members are missing, unknown or have wrong values. Each entry of "errors" points to one of them.',
      ru: 'Тело запроса прочитано, но некоторые элементы отсутствуют, неизвестны или имеют неверные значения. Каждая запись в «errors» указывает на один из них.',
    },
  },
  'invalid-parameter': {
    status: 400,
    title: { en: 'A parameter is wrong', ru: 'Неверный параметр' },
    explanation: {
      en: 'A path or query parameter is malformed, unknown, missing or repeated. "errors" names it.',
      ru: 'Параметр пути или запроса неверен, неизвестен, отсутствует или повторяется. Он назван в «errors».',
    },
  },
  'unsupported-media-type': {
    status: 415,
    title: { en: 'This media type is not accepted', ru: 'Формат данных не принимается' },
    explanation: {
      en: 'Content-Type is missing or names a format this operation does not take, or the body is compressed. The accepted types are in "accepted".',
      ru: 'Заголовок Content-Type отсутствует или называет непринимаемый формат, либо тело сжато. Принимаемые форматы перечислены в «accepted».',
    },
  },
  'not-acceptable': {
    status: 406,
    title: { en: 'No acceptable representation', ru: 'Нет подходящего представления' },
    explanation: {
      en: 'The Accept header allows none of the formats this operation can answer with. They are in "offered".',
      ru: 'Заголовок Accept не допускает ни одного из форматов ответа. Они перечислены в «offered».',
    },
  },
  'body-too-large': {
    status: 413,
    title: { en: 'The body is too large', ru: 'Тело запроса слишком велико' },
    explanation: {
      en: 'The body has more bytes than this operation takes; "maxBytes" says how many. Split the request.',
      ru: 'Тело запроса превышает допустимый размер, указанный в «maxBytes». Разделите запрос на части.',
    },
  },
  'too-many-items': {
    status: 413,
    title: { en: 'Too many items in one call', ru: 'Слишком много элементов в одном запросе' },
    explanation: {
      en: 'The list in the body is longer than this operation takes. Send it in several calls.',
      ru: 'Список в теле запроса длиннее допустимого. Отправьте его несколькими запросами.',
    },
  },
  'not-found': {
    status: 404,
    title: { en: 'Nothing is here', ru: 'Здесь ничего нет' },
    explanation: {
      en: 'No resource of this node has this address. Compare it with the API description.',
      ru: 'По этому адресу нет ресурса. Сверьте адрес с описанием API.',
    },
  },
  'method-not-allowed': {
    status: 405,
    title: { en: 'This method is not allowed here', ru: 'Метод здесь не допускается' },
    explanation: {
      en: 'The address exists, but not for this method. The Allow header lists the methods it has.',
      ru: 'Адрес существует, но не для этого метода. Допустимые методы указаны в заголовке Allow.',
    },
  },
  unauthenticated: {
    status: 401,
    title: { en: 'Authentication is required', ru: 'Требуется аутентификация' },
    explanation: {
      en: 'The operation is not public and the request carries no credentials. Get an access token from /oauth/token and send it as a bearer token.',
      ru: 'Операция не является публичной, а запрос не содержит учётных данных. Получите токен доступа по адресу /oauth/token и передайте его как bearer-токен.',
    },
  },
  'invalid-token': {
    status: 401,
    title: { en: 'The access token is not valid', ru: 'Токен доступа недействителен' },
    explanation: {
      en: 'The access token is unknown, expired or withdrawn. Get a new one.',
      ru: 'Токен доступа неизвестен, истёк или отозван. Получите новый.',
    },
  },
  'invalid-client': {
    status: 401,
    title: { en: 'The client could not be authenticated', ru: 'Клиент не прошёл аутентификацию' },
    explanation: {
      en: 'The client assertion is missing, wrong, expired, already used, or signed by a key that is not registered (RFC 7523). Make a new assertion with the registered key.',
      ru: 'Утверждение клиента отсутствует, неверно, истекло, уже использовано или подписано незарегистрированным ключом (RFC 7523). Создайте новое утверждение с зарегистрированным ключом.',
    },
  },
  forbidden: {
    status: 403,
    title: { en: 'Your role may not do this', ru: 'Ваша роль не допускает этого действия' },
    explanation: {
      en: 'The operation is reserved to other roles. Certification and customs control are separate powers; ask the authority that registered this client if the role is wrong.',
      ru: 'Операция предназначена для других ролей. Сертификация и таможенный контроль разделены; если роль указана неверно, обратитесь к органу, зарегистрировавшему клиента.',
    },
  },
  'certificate-not-found': {
    status: 404,
    title: { en: 'No such certificate', ru: 'Сертификат не найден' },
    explanation: {
      en: 'This node holds no certificate of that state, type and number that you may see. Check the number; a certificate addressed to another state is not here.',
      ru: 'На этом узле нет доступного вам сертификата с такими государством, видом и номером. Проверьте номер; сертификат, адресованный другому государству, здесь не хранится.',
    },
  },
  'certificate-exists': {
    status: 409,
    title: {
      en: 'Another certificate has this number',
      ru: 'Этот номер уже занят другим сертификатом',
    },
    explanation: {
      en: 'A certificate of the same state, type and number exists with other content, or is about to be signed by another body. A number is never used again, not even after annulment. Issue under a new number.',
      ru: 'Сертификат с теми же государством, видом и номером уже существует с другим содержанием либо готовится к подписанию другим органом. Номер не используется повторно даже после аннулирования. Оформите сертификат под новым номером.',
    },
  },
  'rule-violation': {
    status: 422,
    title: { en: 'The certificate breaks a rule', ru: 'Сертификат нарушает правило' },
    explanation: {
      en: 'The content is well formed but breaks rules of the certificate type. "findings" names each rule and where it is broken.',
      ru: 'Содержание корректно по форме, но нарушает правила для этого вида сертификата. В «findings» названо каждое правило и место нарушения.',
    },
  },
  'invalid-number': {
    status: 422,
    title: { en: 'The number cannot be used', ru: 'Номер не может быть использован' },
    explanation: {
      en: 'The certificate’s number is missing, malformed for its type, or not comparable with others. "detail" says why.',
      ru: 'Номер сертификата отсутствует, не соответствует формату этого вида или не поддаётся сравнению с другими. Причина указана в «detail».',
    },
  },
  'invalid-addressee': {
    status: 422,
    title: { en: 'The addressee is not usable', ru: 'Адресат указан неверно' },
    explanation: {
      en: 'The states the certificate is for are missing, contradict its content, or this node exchanges nothing with one of them. "detail" names it.',
      ru: 'Государства, для которых предназначен сертификат, не указаны, противоречат его содержанию или узел не ведёт с ними обмен. Подробности в «detail».',
    },
  },
  'document-invalid': {
    status: 422,
    title: { en: 'The signed document is not accepted', ru: 'Подписанный документ не принят' },
    explanation: {
      en: 'The signed document is malformed, or its signature, certification path or claims do not hold. "detail" names the first reason.',
      ru: 'Подписанный документ имеет неверную форму, либо его подпись, цепочка сертификатов или сведения не прошли проверку. Первая причина указана в «detail».',
    },
  },
  'checkpoint-malformed': {
    status: 400,
    title: { en: 'Not a checkpoint', ru: 'Это не контрольная точка журнала' },
    explanation: {
      en: 'The body is no request to a witness as C2SP tlog-witness describes it, or its old size is larger than its checkpoint. "detail" says where.',
      ru: 'Тело запроса не соответствует C2SP tlog-witness, либо прежний размер больше размера контрольной точки. Место указано в «detail».',
    },
  },
  'leaf-not-mirrored': {
    status: 404,
    title: { en: 'Not in the mirror', ru: 'Записи нет в зеркале журнала' },
    explanation: {
      en: 'The mirror of that log has no such leaf, or has not come to a whole checkpoint yet. Ask again in a minute.',
      ru: 'В зеркале этого журнала нет такой записи либо оно ещё не дошло до целой контрольной точки. Повторите запрос через минуту.',
    },
  },
  'arrival-not-archived': {
    status: 404,
    title: { en: 'No exchange that carried it', ru: 'Обмена, в котором он пришёл, нет' },
    explanation: {
      en: 'This document did not come from that peer, or the exchange in which it came was not kept.',
      ru: 'Этот документ не приходил от указанного узла, либо обмен, в котором он пришёл, не сохранён.',
    },
  },
  'log-unknown': {
    status: 404,
    title: { en: 'This log is not witnessed here', ru: 'Этот журнал здесь не заверяется' },
    explanation: {
      en: 'No trust list of another state names a log of this origin. A node does not witness its own log.',
      ru: 'Ни в одном доверенном списке другого государства нет журнала с таким именем. Собственный журнал узел не заверяет.',
    },
  },
  'checkpoint-not-signed': {
    status: 403,
    title: { en: 'The log has not signed it', ru: 'Подписи журнала нет' },
    explanation: {
      en: 'No key that the trust list names for this log has signed the checkpoint, or one of its signatures is wrong.',
      ru: 'Контрольная точка не подписана ни одним ключом журнала из доверенного списка, либо одна из подписей неверна.',
    },
  },
  'checkpoint-not-consistent': {
    status: 422,
    title: { en: 'The proof does not hold', ru: 'Доказательство неверно' },
    explanation: {
      en: 'The consistency proof does not show that the log only grew since the checkpoint that was cosigned before. Send the proof from that size; if it is right, the log was rewritten.',
      ru: 'Доказательство не подтверждает, что журнал с прошлой заверенной контрольной точки только дополнялся. Пришлите доказательство от её размера; если оно верно, журнал был переписан.',
    },
  },
  'issuer-out-of-scope': {
    status: 403,
    title: {
      en: 'The issuer may not issue this',
      ru: 'Орган не вправе выдавать такой сертификат',
    },
    explanation: {
      en: 'The trust list does not grant this body the document type, product group or destination at this time. The competent authority grants scopes.',
      ru: 'Доверенный список не предоставляет этому органу права на данный вид документа, группу товаров или государство назначения. Права предоставляет уполномоченный орган.',
    },
  },
  'issuer-unknown': {
    status: 403,
    title: {
      en: 'The issuer is not in the trust list',
      ru: 'Орган отсутствует в доверенном списке',
    },
    explanation: {
      en: 'No body of this name is in the current trust list. The competent authority registers bodies.',
      ru: 'В действующем доверенном списке нет такого органа. Органы регистрирует уполномоченный орган.',
    },
  },
  'seal-not-available': {
    status: 409,
    title: { en: 'No seal of the body can sign', ru: 'Ни одна печать органа не может подписать' },
    explanation: {
      en: 'The seal of the body is not loaded at this node, not yet or no longer in force, or not valid; "detail" says which. Ask the operator of the node.',
      ru: 'Печать органа не загружена на узле, ещё или уже не действует либо недействительна; причина указана в «detail». Обратитесь к оператору узла.',
    },
  },
  'seal-on-hold': {
    status: 409,
    title: { en: 'The seal is on hold', ru: 'Использование печати приостановлено' },
    explanation: {
      en: 'A security notice says that the key of this seal may be in wrong hands; "notice" names it. Nothing is signed with it until the authority releases the notice. If the body has another seal, issue with that one; else ask the authority.',
      ru: 'По уведомлению о безопасности ключ этой печати мог попасть в чужие руки; уведомление названо в «notice». До его снятия уполномоченным органом печатью ничего не подписывается. Если у органа есть другая печать, используйте её; иначе обратитесь в уполномоченный орган.',
    },
  },
  'security-notice-not-found': {
    status: 404,
    title: { en: 'No such security notice', ru: 'Такого уведомления о безопасности нет' },
    explanation: {
      en: 'The log of this node holds no security notice with this digest. /v1/security-notices lists them.',
      ru: 'В журнале узла нет уведомления о безопасности с таким хешем. Их перечень — /v1/security-notices.',
    },
  },
  'security-notice-not-permitted': {
    status: 409,
    title: {
      en: 'This security notice cannot be issued',
      ru: 'Такое уведомление о безопасности издать нельзя',
    },
    explanation: {
      en: '"reason" says why: the seal or CA stands in no trust list (subject-unknown); the notice is another state’s or authority’s (not-yours); it is released already (released); the new interval takes in what the old one left out (not-narrower: issue a further notice instead); there are too many (too-many: release those that are settled).',
      ru: 'Причина — в «reason»: печати или удостоверяющего центра нет ни в одном доверенном списке (subject-unknown); уведомление принадлежит другому государству или органу (not-yours); оно уже снято (released); новый промежуток шире прежнего (not-narrower: издайте ещё одно уведомление); уведомлений слишком много (too-many: снимите улаженные).',
    },
  },
  'body-signs-itself': {
    status: 409,
    title: { en: 'The body signs its documents itself', ru: 'Орган подписывает документы сам' },
    explanation: {
      en: 'The node holds no seal of this body and cannot sign for it. Prepare the document, sign the claims you are given, and send the signed document.',
      ru: 'У узла нет печати этого органа, подписать за него он не может. Подготовьте документ, подпишите полученные сведения и отправьте подписанный документ.',
    },
  },
  'seal-held-by-node': {
    status: 409,
    title: { en: 'The node signs for this body', ru: 'Документы органа подписывает узел' },
    explanation: {
      en: 'The trust list says that the node keeps the seal of this body. Send the content unsigned; the competent authority changes who keeps the seal.',
      ru: 'По доверенному списку печать этого органа хранит узел. Отправьте содержание без подписи; порядок хранения печати меняет уполномоченный орган.',
    },
  },
  'not-prepared': {
    status: 409,
    title: { en: 'These claims were not prepared', ru: 'Документ не был подготовлен' },
    explanation: {
      en: 'The body holds no reservation of this number, or it has ended. Prepare the certificate, sign the claims you are given and send it within 24 hours.',
      ru: 'Номер не зарезервирован за органом, или срок резерва истёк. Подготовьте сертификат, подпишите полученные сведения и отправьте его в течение 24 часов.',
    },
  },
  'claims-differ': {
    status: 409,
    title: {
      en: 'What was signed is not what was prepared',
      ru: 'Подписано не то, что было подготовлено',
    },
    explanation: {
      en: 'The signed claims differ from those given for signing, or from those issued under this number; "differences" points to them. Sign the claims exactly as given, or prepare the new content.',
      ru: 'Подписанные сведения отличаются от полученных для подписи или от выданных под этим номером; различия указаны в «differences». Подпишите сведения без изменений или подготовьте новое содержание.',
    },
  },
  'signing-time-wrong': {
    status: 422,
    title: { en: 'The signing time is not plausible', ru: 'Недопустимое время подписания' },
    explanation: {
      en: '"iat" lies more than 60 seconds ahead of the node’s clock, or before the claims were prepared; "detail" says which. Check the clock of the signing system and sign again.',
      ru: '«iat» опережает часы узла более чем на 60 секунд или предшествует подготовке документа; подробности в «detail». Проверьте часы подписывающей системы и подпишите снова.',
    },
  },
  'not-your-certificate': {
    status: 403,
    title: { en: 'The certificate is of another body', ru: 'Сертификат другого органа' },
    explanation: {
      en: 'The certificate names a body that is neither your organisation nor a branch of it. Let that body issue it.',
      ru: 'В сертификате назван орган, который не является вашей организацией или её подразделением. Оформить сертификат должен этот орган.',
    },
  },
  'change-not-permitted': {
    status: 409,
    title: {
      en: 'This change is not possible',
      ru: 'Это изменение невозможно',
    },
    explanation: {
      en: 'The change does not follow from the present state, does not exist for this type of certificate, would begin in the future, is one too many, or is not yours to make; "reason" says which and "certificateStatus" names the present state. Read the certificate’s history first.',
      ru: 'Изменение невозможно в текущем состоянии, не предусмотрено для этого вида сертификата, начиналось бы в будущем, превышает допустимое число изменений или не относится к вашим полномочиям; причина указана в «reason», текущее состояние — в «certificateStatus». Сначала ознакомьтесь с историей сертификата.',
    },
  },
  'too-many-statements': {
    status: 409,
    title: {
      en: 'There are as many statements as are taken',
      ru: 'Число заявлений достигло допустимого',
    },
    explanation: {
      en: 'One certificate has at most 20 second signatures, and one state attests each of them at most 20 times. What is there stays; nothing was added.',
      ru: 'К одному сертификату прилагается не более 20 вторых подписей, и одно государство подтверждает каждую не более 20 раз. Имеющееся сохраняется, ничего не добавлено.',
    },
  },
  'second-signature-not-found': {
    status: 404,
    title: {
      en: 'No such second signature',
      ru: 'Вторая подпись не найдена',
    },
    explanation: {
      en: 'The attestation names a second signature that this node does not have. Read the second signatures of the certificate, and let the service name one of them by its digest in "target".',
      ru: 'В подтверждении названа вторая подпись, которой на этом узле нет. Запросите вторые подписи сертификата; служба должна указать хеш одной из них в «target».',
    },
  },
  'replacement-required': {
    status: 409,
    title: {
      en: 'A replacement ends another certificate',
      ru: 'Замена прекращает действие другого сертификата',
    },
    explanation: {
      en: 'The certificate says that it is issued in the place of one that still stands; "detail" gives its number. Both change together: send this certificate as a "replace" status change of the former one.',
      ru: 'В сертификате указано, что он выдан взамен другого, который ещё действует; его номер указан в «detail». Оба изменяются вместе: отправьте этот сертификат как изменение состояния «replace» прежнего сертификата.',
    },
  },
  'numbers-unsettled': {
    status: 409,
    title: {
      en: 'It is not known which numbers are used',
      ru: 'Неизвестно, какие номера использованы',
    },
    explanation: {
      en: 'After a loss this node lacks certificates that it issued, and nobody has said yet which numbers they bore. Until then it issues none, because a number must never be used twice. Tell the operator the numbers of the certificates issued shortly before the loss (certex lost settle), then send it again.',
      ru: 'После утраты данных у узла нет некоторых выданных им сертификатов, и пока не сообщено, какие номера они носили. До этого узел не выдаёт сертификатов, так как номер нельзя использовать дважды. Сообщите оператору номера сертификатов, выданных незадолго до утраты (certex lost settle), и повторите отправку.',
    },
  },
  'replacement-invalid': {
    status: 422,
    title: {
      en: 'This certificate cannot replace the other',
      ru: 'Этот сертификат не может заменить другой',
    },
    explanation: {
      en: 'The successor is missing, is of another type, state or issuer, or its remark does not name the certificate that it is to replace; "reason" says which.',
      ru: 'Новый сертификат отсутствует, относится к другому виду, государству или органу, либо его отметка называет не тот сертификат, который он заменяет; причина указана в «reason».',
    },
  },
  'signature-required': {
    status: 401,
    title: { en: 'The request must be signed', ru: 'Запрос должен быть подписан' },
    explanation: {
      en: 'Only peer nodes call this operation, with an HTTP message signature labelled "exc" (RFC 9421) made by the node key of their trust list.',
      ru: 'Эту операцию вызывают только узлы других государств с подписью HTTP-сообщения «exc» (RFC 9421), созданной ключом узла из доверенного списка.',
    },
  },
  'signature-invalid': {
    status: 401,
    title: { en: 'The HTTP signature does not hold', ru: 'Подпись HTTP-сообщения неверна' },
    explanation: {
      en: 'The message signature is malformed, covers other components than agreed, or does not match the message. "reason" names the first check that failed.',
      ru: 'Подпись сообщения имеет неверную форму, охватывает не те компоненты или не соответствует сообщению. В «reason» названа первая непройденная проверка.',
    },
  },
  'digest-mismatch': {
    status: 400,
    title: {
      en: 'The body does not match its digest',
      ru: 'Тело не соответствует контрольной сумме',
    },
    explanation: {
      en: 'Content-Digest (RFC 9530, sha-256) is missing, malformed, or is not that of the bytes received. Something changed the body on its way, or it was hashed before its final encoding.',
      ru: 'Заголовок Content-Digest (RFC 9530, sha-256) отсутствует, неверен или не соответствует полученным байтам. Тело изменено в пути или хеш вычислен до окончательного кодирования.',
    },
  },
  'message-replayed': {
    status: 409,
    title: {
      en: 'This signed message was already used',
      ru: 'Подписанное сообщение уже использовано',
    },
    explanation: {
      en: 'A message with this key and nonce was received before. To repeat an operation sign it again with a new nonce and the same Exc-Message-Id.',
      ru: 'Сообщение с этим ключом и одноразовым числом уже получено. Чтобы повторить операцию, подпишите её заново с новым числом и прежним Exc-Message-Id.',
    },
  },
  'clock-skew': {
    status: 401,
    title: {
      en: 'The signature is outside its time window',
      ru: 'Подпись вне допустимого времени',
    },
    explanation: {
      en: 'By this node’s clock the signature is not yet valid, has expired, or lives longer than 300 seconds. Clocks may differ by 60 seconds; check time synchronisation.',
      ru: 'По часам этого узла подпись ещё не действует, истекла или действует дольше 300 секунд. Часы могут расходиться не более чем на 60 секунд; проверьте синхронизацию времени.',
    },
  },
  'unknown-peer': {
    status: 401,
    title: { en: 'The signing node is not known', ru: 'Подписавший узел неизвестен' },
    explanation: {
      en: 'keyid names no valid node certificate of the trust lists this node holds, or not one of the stated sender. Exchange the current trust lists.',
      ru: 'keyid не соответствует действительному сертификату узла из имеющихся доверенных списков либо указанному отправителю. Обменяйтесь действующими доверенными списками.',
    },
  },
  'wrong-recipient': {
    status: 421,
    title: { en: 'The message is for another node', ru: 'Сообщение адресовано другому узлу' },
    explanation: {
      en: 'Exc-Recipient names another state than the one this node serves. Check the address in the trust list.',
      ru: 'Exc-Recipient указывает не на то государство, которое обслуживает узел. Проверьте адрес в доверенном списке.',
    },
  },
  'report-not-found': {
    status: 404,
    title: { en: 'No such report', ru: 'Отчёт не найден' },
    explanation: {
      en: 'No report of this name exists, or it is no longer kept. Ask for a new one.',
      ru: 'Отчёта с таким именем нет или он больше не хранится. Запросите новый.',
    },
  },
  'trust-decision-refused': {
    status: 409,
    title: {
      en: 'The decision on trust takes two persons',
      ru: 'Решение о доверии принимают два человека',
    },
    explanation: {
      en: 'One client system of the authority proposes, another approves within seven days, and both must be about the same state and the same SHA-256. "reason" says what is missing.',
      ru: 'Одна система уполномоченного органа предлагает, другая в течение семи дней утверждает; государство и SHA-256 должны совпадать. Чего не хватает, указано в «reason».',
    },
  },
  'trust-list-refused': {
    status: 422,
    title: { en: 'The trust list is not accepted', ru: 'Доверенный список не принят' },
    explanation: {
      en: 'The list is not signed under the pinned root, does not continue the version held, or contradicts itself. "detail" says which.',
      ru: 'Список не подписан под закреплённым корнем, не продолжает имеющуюся версию или противоречив. Причина указана в «detail».',
    },
  },
  'crl-refused': {
    status: 422,
    title: { en: 'The revocation list is not accepted', ru: 'Список отзыва не принят' },
    explanation: {
      en: 'The CRL is malformed, not signed by an authority of the trust list, without number or next update, or from the future. "detail" says which.',
      ru: 'Список отзыва имеет неверную форму, не подписан органом из списка доверия, не содержит номера или срока следующего выпуска либо выпущен будущей датой. Причина указана в «detail».',
    },
  },
  'ocsp-response-refused': {
    status: 422,
    title: { en: 'The OCSP response is not accepted', ru: 'Ответ OCSP не принят' },
    explanation: {
      en: 'The response is malformed, about no key in use of the trust list, not signed by the authority that issued the key or a responder of it, without nextUpdate, not current, or says neither good nor revoked. "detail" says which.',
      ru: 'Ответ имеет неверную форму, не относится к действующему ключу из списка доверия, не подписан выпустившим ключ центром или его службой OCSP, не содержит nextUpdate, не действует сейчас либо не говорит ни «good», ни «revoked». Причина указана в «detail».',
    },
  },
  'crl-not-found': {
    status: 404,
    title: { en: 'No such revocation list', ru: 'Список отзыва не найден' },
    explanation: {
      en: 'This node publishes no CRL for this key identifier.',
      ru: 'Узел не публикует список отзыва для этого идентификатора ключа.',
    },
  },
  'status-list-not-found': {
    status: 404,
    title: { en: 'No such status list', ru: 'Список состояний не найден' },
    explanation: {
      en: 'This node publishes no status list of this number. Take the address from the certificate.',
      ru: 'Узел не публикует списка состояний с таким номером. Возьмите адрес из сертификата.',
    },
  },
  'status-history-not-served': {
    status: 501,
    title: {
      en: 'Past status lists are not served',
      ru: 'Прежние списки состояний не предоставляются',
    },
    explanation: {
      en: 'The status list shows the present only. Leave out "time"; what was in force on an earlier day follows from the signed status changes of the certificate.',
      ru: 'Список состояний показывает только текущее положение. Уберите «time»; состояние на более раннюю дату следует из подписанных изменений состояния сертификата.',
    },
  },
  'cursor-gone': {
    status: 410,
    title: {
      en: 'The cursor means nothing (any longer)',
      ru: 'Курсор недействителен',
    },
    explanation: {
      en: 'The node was restored from a backup since it gave this cursor, or never gave it. Read again from the cursor in "restart"; what is known already may be skipped by its digest.',
      ru: 'После выдачи курсора узел был восстановлен из резервной копии, либо курсор никогда не выдавался. Начните чтение с курсора из «restart»; уже известное можно пропустить по контрольной сумме.',
    },
  },
  'too-many-requests': {
    status: 429,
    title: { en: 'Too many requests', ru: 'Слишком много запросов' },
    explanation: {
      en: 'The node protects itself from overload. Nothing was done; try again after the time in Retry-After.',
      ru: 'Узел защищается от перегрузки. Ничего не выполнено; повторите запрос по истечении времени из Retry-After.',
    },
  },
  unavailable: {
    status: 503,
    title: { en: 'Temporarily unavailable', ru: 'Временно недоступно' },
    explanation: {
      en: 'A part this operation depends on does not answer. Nothing was done; the same request may be sent again.',
      ru: 'Необходимая для операции часть системы не отвечает. Ничего не выполнено; тот же запрос можно отправить снова.',
    },
  },
  internal: {
    status: 500,
    title: { en: 'An error on our side', ru: 'Ошибка на нашей стороне' },
    explanation: {
      en: 'The node failed in a way it did not foresee. Report the value of Request-Id to its operator; writes may be repeated safely.',
      ru: 'Произошла непредвиденная ошибка узла. Сообщите его оператору значение Request-Id; операции записи можно безопасно повторить.',
    },
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemSlug = keyof typeof PROBLEMS

export const PROBLEM_SLUGS = Object.keys(PROBLEMS) as ProblemSlug[]
