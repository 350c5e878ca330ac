//  What Crossbar's catalogue says of single endpoints, sentence by sentence, against the whole server in process.

import PluginKit
import TestServer
import Testing

@Suite struct CatalogueTests {
    @Test(arguments: Rule.catalogue)
    func theSentenceHolds(sentence: Rule) throws { try sentence.holds(World()) }
}

extension World {
    /// Creates a document of the tenant and returns its id.
    func make(_ collection: String, _ fields: JSON) throws -> String {
        try server.put("/v2/accounts/\(tenant.account)/\(collection)", fields, tenant.adminToken).id
    }

    /// Asks below the tenant's path.
    ///
    /// - Parameter other: whose administrator asks, if not the tenant's.
    func ask(
        _ method: String,
        _ path: String,
        _ data: JSON? = nil,
        as other: TestServer.Tenant? = nil
    ) throws -> Answer {
        let body = data.map { JSON.object(["data": $0]).text() } ?? ""
        let target = "/v2/accounts/\(tenant.account)" + (path.isEmpty ? "" : "/\(path)")
        return try server.send(method, target, body, token: (other ?? tenant).adminToken)
    }

    /// Sends a file as the whole body.
    func upload(_ path: String, _ file: String, type: String) throws -> Answer {
        let target = "/v2/accounts/\(tenant.account)/\(path)"
        return try server.upload("POST", target, Array(file.utf8), type: type, tenant.adminToken)
    }

    /// The row of a document in a list.
    func row(_ collection: String, _ id: String) throws -> JSON? {
        try ask("GET", collection).rows.first { $0["id"]?.string == id }
    }
}

extension Answer {
    /// Expects fields with these names, and no others.
    func has(_ names: String, at location: SourceLocation = #_sourceLocation) {
        #expect(data.fieldNames == names.fieldNames, "\(json)", sourceLocation: location)
    }
}

extension JSON {
    /// The names of an object's fields.
    var fieldNames: Set<String> { Set(object?.keys ?? []) }
}

extension String {
    /// Words as names of fields.
    var fieldNames: Set<String> { Set(split(separator: " ").map(String.init)) }
}
