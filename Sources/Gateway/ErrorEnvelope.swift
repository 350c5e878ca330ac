//  The wire form of each error: status, message, data and header fields.

import HTTPTypes
import JSON

extension APIError {
    package var status: HTTPResponse.Status {
        switch self {
        case .malformedTarget, .badRequest, .validation: .badRequest
        case .invalidCredentials, .expiredToken, .secondFactorNeeded, .secondFactorBroken: .unauthorized
        case .forbidden, .refused, .restricted, .forgedRequest: .forbidden
        case .unknownAPIKey, .missingToken, .notFound, .badIdentifier, .malformedAccountID, .missingAccountID,
            .faultyRequest:
            .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .methodUnknown, .notImplemented: .notImplemented
        case .notAcceptable: .notAcceptable
        case .unsupportedMediaType: .unsupportedMediaType
        case .conflict, .keyInUse, .tooManyDependents: .conflict
        case .keyReused: .unprocessableContent
        case .preconditionFailed: .preconditionFailed
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .versionGone: .gone
        case .tooManyRequests: .tooManyRequests
        case .accountHasDescendants, .internalFault: .internalServerError
        case .diskFull: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .storeUnavailable: .serviceUnavailable
        }
    }

    /// The envelope's `message`: a code that clients compare.
    package var message: String {
        switch self {
        case .malformedTarget, .badRequest: "bad_request"
        case .validation: "validation error"
        case .invalidCredentials, .secondFactorNeeded, .secondFactorBroken: "invalid_credentials"
        case .expiredToken: "invalid credentials"
        case .forbidden, .refused, .restricted, .forgedRequest: "forbidden"
        case .unknownAPIKey: "bad identifier"
        case .missingToken(let place): "missing token in \(place)"
        case .notFound: "not_found"
        case .badIdentifier: "bad_identifier"
        case .malformedAccountID, .missingAccountID: "bad identifier"
        case .faultyRequest: "faulty_request"
        case .methodNotAllowed: "invalid_method"
        case .methodUnknown, .notImplemented: "not_implemented"
        case .notAcceptable: "not_acceptable"
        case .unsupportedMediaType: "unsupported_media_type"
        case .conflict: "datastore_conflict"
        case .keyInUse: "request_in_progress"
        case .keyReused: "idempotency_key_reused"
        case .preconditionFailed: "precondition_failed"
        case .rangeNotSatisfiable: "range not satisfiable"
        case .versionGone: "gone"
        case .tooManyRequests: "too_many_requests"
        case .accountHasDescendants: "account_has_descendants"
        case .tooManyDependents: "too_many_dependents"
        case .diskFull: "disk_full"
        case .storeUnavailable: "datastore_fault"
        case .internalFault: "internal_error"
        }
    }

    /// The envelope's `data`: what a person needs to know.
    package var data: JSON {
        switch self {
        case .malformedTarget(let reason): ["message": .string("The request target is malformed: \(reason).")]
        case .badRequest(let sentence): ["message": .string(sentence)]
        case .validation(let violations): violations
        case .invalidCredentials, .secondFactorBroken: ["message": "invalid credentials"]
        case .secondFactorNeeded(let request):
            // Crossbar's spelling, which clients may compare.
            [
                "message": "client needs to preform second-factor authentication",
                "multi_factor_request": request,
            ]
        case .expiredToken, .rangeNotSatisfiable, .missingToken: [:]
        case .forbidden: ["message": "forbidden"]
        case .restricted: ["cause": "access denied by token restrictions", "message": "forbidden"]
        case .refused(let sentence), .forgedRequest(let sentence): ["message": .string(sentence)]
        case .unknownAPIKey(let key): [.string(key)]
        case .notFound: ["message": "not found"]
        case .badIdentifier(let id): ["cause": .string(id), "message": "bad identifier"]
        case .malformedAccountID(let id): ["message": .string("invalid account_id '\(id)'")]
        case .missingAccountID: ["message": "missing account_id"]
        case .faultyRequest(let sentence), .notImplemented(let sentence): ["message": .string(sentence)]
        case .methodNotAllowed(let allowed):
            ["message": "method not allowed", "target": .array(allowed.map { .string($0.rawValue) })]
        case .methodUnknown(let method): ["message": .string("the method \(method) is not implemented")]
        case .notAcceptable(let offered):
            ["message": "none of the accepted media types is offered", "target": .array(offered.map { .string($0) })]
        case .unsupportedMediaType(let accepted):
            ["message": "the body's media type is not accepted", "target": .array(accepted.map { .string($0) })]
        case .conflict: ["message": "conflicting documents"]
        case .keyInUse:
            ["message": "a request with this Idempotency-Key is not answered yet; look whether it was done, or wait"]
        case .keyReused: ["message": "another request had this Idempotency-Key"]
        case .preconditionFailed(let current):
            [
                "message": "the document has another revision",
                "cause": current.map { .string($0) } ?? .null,
            ]
        case .versionGone:
            "API version 1 is not supported. Please upgrade your code to use version 2."
        case .tooManyRequests(let seconds):
            [
                "message": "too many requests",
                "retry_after": .number(JSONNumber(seconds)),
            ]
        case .accountHasDescendants: ["message": "account has descendants"]
        case .tooManyDependents(let limit):
            [
                "message": "too many documents belong to this one or name it; delete or change those first",
                "target": .number(JSONNumber(limit)),
            ]
        case .diskFull: ["message": "the disk is full; nothing was stored"]
        case .storeUnavailable: ["message": "the store accepts no writes at the moment; nothing was stored"]
        case .internalFault: ["message": "an internal error; the log has the reason under this request_id"]
        }
    }

    /// Header fields that belong to the error.
    package var fields: HTTPFields {
        switch self {
        case .methodNotAllowed(let allowed): [.allow: allowed.map(\.rawValue).joined(separator: ", ")]
        case .tooManyRequests(let seconds): [.retryAfter: String(seconds)]
        case .invalidCredentials, .expiredToken, .secondFactorNeeded, .secondFactorBroken: [.wwwAuthenticate: "Bearer"]
        default: [:]
        }
    }
}
