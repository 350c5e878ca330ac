//  Every way in which a request can be refused.

import HTTPTypes
import JSON

/// Why a request was refused. Source: Crossbar's errors; the wire form of each is in ErrorEnvelope.swift.
package enum APIError: Error, Equatable {
    /// The request target cannot be read; the reason completes "The request target is malformed: …".
    case malformedTarget(String)
    /// The request cannot be read for another reason, given as a whole sentence.
    case badRequest(String)
    /// The data breaks rules: path → rule → message and more.
    case validation(JSON)
    /// No token, a token that is not ours, or wrong credentials.
    case invalidCredentials
    /// A token that was good once.
    case expiredToken
    case forbidden
    /// Not the caller's to do, for a reason that he may know: a whole sentence.
    case refused(String)
    /// A right password, which a second factor must follow: what the client is to ask its user for.
    case secondFactorNeeded(JSON)
    /// A second factor is demanded that cannot be asked for; the reason goes to the log, not to the client.
    case secondFactorBroken(String)
    /// A token whose account restricts what it may be used for.
    case restricted
    /// A change with a browser's session that no page of ours asked for; the reason is a whole sentence.
    case forgedRequest(String)
    /// An API key that no account has.
    case unknownAPIKey(String)
    /// No token came where one is to be looked at: in `params` or in the `request`.
    case missingToken(place: String)
    /// No such endpoint.
    case notFound
    /// No such document; the cause is its id.
    case badIdentifier(String)
    /// An account id that cannot be one.
    case malformedAccountID(String)
    /// The path has an empty segment where an account id belongs.
    case missingAccountID
    /// A parameter of a list makes no sense; the reason is a whole sentence.
    case faultyRequest(String)
    case methodNotAllowed(allowed: [HTTPRequest.Method])
    /// A method that nobody has heard of.
    case methodUnknown(String)
    case notAcceptable(offered: [String])
    case unsupportedMediaType(accepted: [String])
    /// The document changed between reading and writing, or its id is taken.
    case conflict
    /// `If-Match` names another revision; the current one.
    case preconditionFailed(current: String?)
    /// A request with this `Idempotency-Key` is being answered, or it is not known what became of it.
    case keyInUse
    /// The `Idempotency-Key` came with another request before.
    case keyReused
    /// The whole list was asked for, in a form that has to be made in memory, and it is too long for that.
    case rangeNotSatisfiable
    case versionGone
    case tooManyRequests(retryAfter: Int)
    case accountHasDescendants
    /// More documents than one deletion may take with it, or change, belong to the document or name it.
    case tooManyDependents(limit: Int)
    case diskFull
    /// The store accepts no writes at the moment.
    case storeUnavailable
    /// What would have to be done is beyond this server; the reason is a whole sentence.
    case notImplemented(String)
    /// A fault of ours; the reason goes to the log, not to the client.
    case internalFault(String)
}

extension APIError {
    /// A validation error of one field.
    package static func invalid(
        _ path: String,
        rule: String,
        _ message: String,
        _ members: KeyValuePairs<String, JSON> = [:]
    ) -> APIError {
        var details = JSONObject()
        details["message"] = .string(message)
        for (name, value) in members { details[name] = value }
        return .validation([path: [rule: .object(details)]])
    }
}
