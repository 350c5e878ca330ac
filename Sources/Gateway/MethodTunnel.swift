//  Which method a request means, when the client can only send GET and POST.

import HTTPTypes

/// The methods that an endpoint can have.
package let knownMethods: [HTTPRequest.Method] = [.get, .put, .post, .patch, .delete]

/// Returns the effective method of a request.
///
/// - Parameters:
///   - sent: the method on the request line.
///   - query: the `verb` of the query, or nil; matched without regard to case.
///   - envelope: the `verb` of the envelope, or nil; never a field inside `data`.
/// - Throws: `.methodUnknown` if nobody has heard of `sent`; `.badRequest` if both sources came and disagree;
///   `.methodNotAllowed` if the verb is none of ours, or asks for more than a `sent` other than POST may do.
///
/// Source: RFC 9110 §9.2.1; a safe method is never turned into an unsafe one.
package func effectiveMethod(
    _ sent: HTTPRequest.Method,
    query: String?,
    envelope: String?
) throws(APIError) -> HTTPRequest.Method {
    guard knownMethods.contains(sent) || sent == .head || sent == .options else {
        throw .methodUnknown(sent.rawValue)
    }
    let verbs = [query, envelope].compactMap { $0?.uppercased() }
    // A HEAD is a GET whose body stays at home.
    let plain = sent == .head ? HTTPRequest.Method.get : sent
    guard let verb = verbs.first else { return plain }
    guard verbs.allSatisfy({ $0 == verb }) else {
        throw .badRequest("The verb of the query and the verb of the envelope disagree; send one of them.")
    }
    guard let tunnelled = knownMethods.first(where: { $0.rawValue == verb }) else {
        throw .methodNotAllowed(allowed: knownMethods)
    }
    guard sent == .post || plain == tunnelled else { throw .methodNotAllowed(allowed: [.post]) }
    return tunnelled
}
