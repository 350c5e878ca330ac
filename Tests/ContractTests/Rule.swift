//  One rule of Crossbar's wire contract, or of its catalogue of endpoints, as something that a client can see.

import PluginKit
import TestServer
import Testing

/// A rule with the numbers that it has in the contract, or the section of the catalogue that says it, such as `B5`, and
/// the test that it holds.
struct Rule: CustomTestStringConvertible, Sendable {
    let numbers: [String]
    let statement: String
    /// Why we do otherwise than Crossbar; nil where we do the same.
    let reason: String?
    let holds: @Sendable (World) throws -> Void

    /// What Crossbar does, and we do.
    init(_ numbers: String..., says statement: String, holds: @escaping @Sendable (World) throws -> Void) {
        self.init(numbers, statement, nil, holds)
    }

    /// What we do in place of what Crossbar does, and why no client that works with Crossbar suffers from it.
    init(
        _ numbers: String...,
        otherwise statement: String,
        because reason: String,
        holds: @escaping @Sendable (World) throws -> Void
    ) {
        self.init(numbers, statement, reason, holds)
    }

    private init(
        _ numbers: [String],
        _ statement: String,
        _ reason: String?,
        _ holds: @escaping @Sendable (World) throws -> Void
    ) {
        self.numbers = numbers
        self.statement = statement
        self.reason = reason
        self.holds = holds
    }

    var testDescription: String {
        let rule = "\(numbers.joined(separator: ", ")) \(statement)"
        return reason.map { "\(rule), because \($0)" } ?? rule
    }

    /// Those of the contract.
    static let all =
        order + paths + verbs + bodies + envelopes + answers + errors + pages + filters + documents
        + logins + rights

    /// Those of the catalogue that no test of a plugin holds; these have the section in the name of their suite.
    static let catalogue = accounts + telephony + settings
}

/// A server with a tenant `A` below the master account `P`, and its administrator, who asks unless told otherwise.
struct World {
    let server: TestServer
    let tenant: TestServer.Tenant
    /// An id that nothing has.
    static let unknown = "0123456789abcdef0123456789abcdef"

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    /// Sends a request; `{A}`, `{P}` and `{X}` in the target stand for the tenant, its parent and an unknown id.
    func send(
        _ method: String,
        _ target: String,
        _ body: String = "",
        _ fields: [String: String] = [:]
    ) throws -> Answer {
        try server.send(method, filled(target), body, token: tenant.adminToken, fields: fields)
    }

    /// The same from somebody who has no token.
    func stranger(
        _ method: String,
        _ target: String,
        _ body: String = "",
        _ fields: [String: String] = [:]
    ) throws -> Answer {
        try server.send(method, filled(target), body, fields: fields)
    }

    func get(_ target: String, _ fields: [String: String] = [:]) throws -> Answer {
        try send("GET", target, "", fields)
    }

    /// Creates a device of the tenant and returns the answer.
    @discardableResult
    func device(_ fields: JSON = ["name": "Desk"]) throws -> Answer {
        try server.put("/v2/accounts/\(tenant.account)/devices", fields, tenant.adminToken)
    }

    /// Creates a user of the tenant and returns the answer.
    @discardableResult
    func user(_ fields: JSON = ["first_name": "Ada", "last_name": "Lovelace"]) throws -> Answer {
        try server.put("/v2/accounts/\(tenant.account)/users", fields, tenant.adminToken)
    }

    /// A token of a user of the tenant who is no administrator.
    func plainToken() throws -> String { try server.token(tenant.account, user().id) }

    private func filled(_ target: String) -> String {
        target.replacing("{A}", with: tenant.account).replacing("{P}", with: server.master.account)
            .replacing("{X}", with: Self.unknown)
    }
}

extension Answer {
    /// Expects an error in Crossbar's envelope.
    func isRefused(
        _ code: Int,
        _ message: String,
        _ expected: JSON? = nil,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(status == code, "\(json)", sourceLocation: location)
        #expect(json["error"]?.string == String(code), sourceLocation: location)
        #expect(json["status"] == "error", sourceLocation: location)
        #expect(json["message"]?.string == message, sourceLocation: location)
        #expect(fields[.contentType] == "application/json", sourceLocation: location)
        if let expected { #expect(data == expected, sourceLocation: location) }
    }

    /// Expects a violation of a rule at a path.
    func isInvalid(_ path: String, _ rule: String, at location: SourceLocation = #_sourceLocation) {
        isRefused(400, "validation error", at: location)
        #expect(data[path]?[rule]?["message"]?.string != nil, "\(json)", sourceLocation: location)
    }

    /// Expects a success.
    func succeeds(_ code: Int = 200, at location: SourceLocation = #_sourceLocation) {
        #expect(status == code, "\(json)", sourceLocation: location)
        #expect(json["status"] == "success", sourceLocation: location)
    }

    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }

    /// The names in the rows of a list.
    var names: [String] { rows.compactMap { $0["name"]?.string } }
}
