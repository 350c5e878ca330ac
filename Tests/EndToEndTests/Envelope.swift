//  What every answer owes.

import JSON
import Testing

/// Expects a successful envelope with a status.
func expectSuccess(_ answer: Answer, _ status: Int = 200, at location: SourceLocation = #_sourceLocation) {
    #expect(answer.status == status, "\(answer)", sourceLocation: location)
    #expect(answer["content-type"] == "application/json", sourceLocation: location)
    #expect(answer.json["status"] == "success", sourceLocation: location)
    expectFrame(answer, location)
}

/// Expects an error's envelope: the status, the same as text, and something to read.
///
/// - Parameters:
///   - message: the envelope's `message`, if clients compare it.
///   - violation: path and rule of a violation that must be reported.
///   - isOurs: whether the server itself must have answered; nginx answers what cannot reach it.
func expectError(
    _ answer: Answer,
    _ status: Int,
    message: String? = nil,
    violation: (path: String, rule: String)? = nil,
    isOurs: Bool = true,
    at location: SourceLocation = #_sourceLocation
) {
    #expect(answer.status == status, "\(answer)", sourceLocation: location)
    #expect(answer["content-type"] == "application/json", "\(answer)", sourceLocation: location)
    #expect(answer.json["status"] == "error", sourceLocation: location)
    #expect(answer.json["error"] == .string(String(status)), sourceLocation: location)
    #expect(answer.json["message"]?.string?.isEmpty == false, sourceLocation: location)
    if let message { #expect(answer.json["message"] == .string(message), "\(answer)", sourceLocation: location) }
    if let violation {
        let text = answer.data[violation.path]?[violation.rule]?["message"]?.string
        #expect(text?.isEmpty == false, "\(answer)", sourceLocation: location)
    }
    expectFrame(answer, isOurs: isOurs, location)
}

private func expectFrame(_ answer: Answer, isOurs: Bool = true, _ location: SourceLocation) {
    let requestID = answer.json["request_id"]?.string
    #expect(requestID?.isEmpty == false, "\(answer)", sourceLocation: location)
    #expect(answer["x-request-id"] == requestID, sourceLocation: location)
    #expect(answer["x-content-type-options"] == "nosniff", sourceLocation: location)
    guard isOurs else { return }
    #expect(answer.json["node"]?.string?.isEmpty == false, sourceLocation: location)
    let timestamp = answer.json["timestamp"]?.string ?? ""
    #expect(timestamp.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil, sourceLocation: location)
}
