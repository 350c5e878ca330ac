//  Devices: list, create, read, merge.

import Crypto
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import Mustache

struct StoredDevice {
    var body: String
    var revision: String
}

/// A row of the list.
struct Summary: Codable, FetchableRecord {
    var id: String
    var name: String
    var username: String?
    var mac_address: String?
    var owner_id: String?
    var enabled: Bool
    var device_type: String

    init(row: Row) {
        id = row[0]
        name = row[1]
        username = row[2]
        mac_address = row[3]
        owner_id = row[4]
        enabled = row[5]
        device_type = row[6]
    }

    static let columns = "id, name, username, mac_address, owner_id, enabled, device_type"

    var line: String {
        [id, name, username ?? "", mac_address ?? "", owner_id ?? "", enabled ? "1" : "0", device_type].map { cell in
            cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
                ? "\"\(cell.replacingOccurrences(of: "\"", with: "\"\""))\"" : cell
        }.joined(separator: ",") + "\r\n"
    }
}

struct Devices: Sendable {
    let pool: DatabasePool
    let tokens: Tokens
    private let page: MustacheTemplate
    private var node: String { tokens.secrets.node }

    init(pool: DatabasePool, tokens: Tokens) throws {
        self.pool = pool
        self.tokens = tokens
        page = try MustacheTemplate(string: Self.page)
    }

    @Sendable func list(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let account = try context.parameters.require("account")
        let query = request.uri.queryParameters
        let isTable = query["accept"] == "csv"
        let size = min(query["page_size"].flatMap { Int($0) } ?? 50, 5_000)
        let start = query["start_key"].map(String.init)
        var sql = "SELECT \(Summary.columns) FROM devices WHERE account_id = ?"
        var arguments: StatementArguments = [account]
        if let start {
            guard let text = Data(base64URL: start), let place = try? JSONDecoder().decode([String].self, from: text),
                place.count == 2
            else { throw Refusal(status: .badRequest, message: "invalid start key") }
            sql += " AND (name, id) >= (?, ?)"
            arguments += [place[0], place[1]]
        }
        sql += " ORDER BY name, id"
        if !isTable {
            sql += " LIMIT ?"
            arguments += [size + 1]
        }
        var rows = try await pool.read { [sql, arguments] database in
            try Summary.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
        }
        if isTable {
            let text = Summary.columns.replacingOccurrences(of: " ", with: "") + "\r\n" + rows.map(\.line).joined()
            return Response(.ok, Data(text.utf8), [.contentType: "text/csv; charset=utf-8"])
        }
        var next: String?
        if rows.count > size {
            let last = rows.removeLast()
            next = try JSONEncoder().encode([last.name, last.id]).base64URL
        }
        var envelope = Envelope(rows, node: node, request: request)
        envelope.page_size = rows.count
        envelope.start_key = start
        envelope.next_start_key = next
        return try envelope.response()
    }

    @Sendable func create(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let account = try context.parameters.require("account")
        let fields = try await fields(of: request, context)
        let id = randomID()
        let stored = try await pool.write { database in
            try store(Change(account: account, id: id, fields: fields, replaced: nil), in: database)
        }
        let location: HTTPFields = [.location: "/v2/accounts/\(account)/devices/\(id)"]
        return try documentResponse(stored, .created, node: node, request: request, headers: location)
    }

    @Sendable func get(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let account = try context.parameters.require("account")
        let id = try context.parameters.require("id")
        let stored = try await pool.read { try find(account, id, in: $0) }
        let tag = "\"\(stored.revision)\""
        if request.headers[.ifNoneMatch]?.contains(tag) == true {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        if request.uri.queryParameters["accept"] == "html" {
            return Response(.ok, Data(try html(stored).utf8), [.contentType: "text/html; charset=utf-8", .eTag: tag])
        }
        return try documentResponse(stored, node: node, request: request, headers: [.eTag: tag])
    }

    @Sendable func merge(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let account = try context.parameters.require("account")
        let id = try context.parameters.require("id")
        let patch = try await fields(of: request, context)
        let stored = try await pool.write { database in
            let old = try find(account, id, in: database)
            let fields = try JSONDecoder().decode(JSONValue.self, from: Data(old.body.utf8)).merging(patch)
            return try store(Change(account: account, id: id, fields: fields, replaced: old.revision), in: database)
        }
        return try documentResponse(stored, node: node, request: request)
    }

    private func fields(of request: Request, _ context: BasicRequestContext) async throws -> JSONValue {
        struct Body: Decodable { let data: JSONValue }
        guard let body = try? await request.decode(as: Body.self, context: context), case .object = body.data else {
            throw Refusal(status: .badRequest, message: "invalid request")
        }
        return body.data
    }

    private func find(_ account: String, _ id: String, in database: Database) throws -> StoredDevice {
        let statement = try database.cachedStatement(
            sql: "SELECT body, revision FROM devices WHERE account_id = ? AND id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [account, id]) else {
            throw Refusal(status: .notFound, message: "bad identifier")
        }
        return StoredDevice(body: row[0], revision: row[1])
    }

    private struct Change: Sendable {
        var account: String
        var id: String
        var fields: JSONValue
        var replaced: String?
    }

    /// Validates and writes a device and the event of it.
    private func store(_ change: Change, in database: Database) throws -> StoredDevice {
        guard case .object(var fields) = change.fields else {
            throw Refusal(status: .badRequest, message: "invalid request")
        }
        var violations: [String: [String: [String: String]]] = [:]
        let name = fields["name"]?.string
        if fields["name"] == nil {
            violations["name"] = ["required": ["message": "Field is required but missing"]]
        } else if name.map({ !(1...128).contains($0.count) }) ?? true {
            violations["name"] = ["maxLength": ["message": "String must have 1 to 128 characters"]]
        }
        let kind = fields["device_type"]?.string ?? "sip_device"
        let enabled = fields["enabled"].map(\.bool) ?? true
        if enabled == nil { violations["enabled"] = ["type": ["message": "Value did not match type(s): boolean"]] }
        if let mac = fields["mac_address"], mac.string?.wholeMatch(of: /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/) == nil {
            violations["mac_address"] = ["pattern": ["message": "Failed to match pattern"]]
        }
        guard violations.isEmpty, let name, let enabled else {
            throw Refusal(status: .badRequest, message: "validation error", data: violations)
        }
        fields["id"] = .string(change.id)
        let body = String(decoding: try JSONEncoder().encode(JSONValue.object(fields)), as: UTF8.self)
        let generation = (change.replaced?.split(separator: "-").first.flatMap { Int($0) } ?? 0) + 1
        let digest = Insecure.MD5.hash(data: Data(((change.replaced ?? "") + body).utf8)).hexadecimal
        let revision = "\(generation)-\(digest)"
        let now = Int(Date.now.timeIntervalSince1970)
        let sql =
            change.replaced == nil
            ? "INSERT INTO devices VALUES (:account, :id, :name, :username, :mac, :owner, :enabled, :kind, :revision, :now, :body)"
            : """
            UPDATE devices SET name = :name, username = :username, mac_address = :mac, owner_id = :owner, enabled = :enabled,
            device_type = :kind, revision = :revision, modified = :now, body = :body WHERE account_id = :account AND id = :id
            """
        do {
            try database.cachedStatement(sql: sql).execute(arguments: [
                "account": change.account, "id": change.id, "name": name,
                "username": fields["sip"]?["username"]?.string,
                "mac": fields["mac_address"]?.string, "owner": fields["owner_id"]?.string, "enabled": enabled,
                "kind": kind,
                "revision": revision, "now": now, "body": body,
            ])
            try database.cachedStatement(
                sql: "INSERT INTO events (name, account_id, document, revision, time) VALUES (?, ?, ?, ?, ?)"
            )
            .execute(arguments: [
                change.replaced == nil ? "device_created" : "device_edited", change.account, change.id, revision, now,
            ])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw Refusal(
                status: .badRequest,
                message: "validation error",
                data: ["mac_address": ["unique": ["message": "already in use"]]]
            )
        }
        return StoredDevice(body: body, revision: revision)
    }

    private func html(_ stored: StoredDevice) throws -> String {
        guard case .object(let fields) = try JSONDecoder().decode(JSONValue.self, from: Data(stored.body.utf8)) else {
            return ""
        }
        let rows = fields.sorted { $0.key < $1.key }.flatMap { name, value in value.lines(named: name) }
        return page.render(["name": fields["name"]?.string ?? "", "rows": rows] as [String: Any])
    }

    private static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>{{name}}</title></head>
        <body>
        <h1>{{name}}</h1>
        <table>
        {{#rows}}<tr><th>{{name}}</th><td>{{value}}</td></tr>
        {{/rows}}</table>
        <form method="post"><input name="data.name" value="{{name}}"><button>Save</button></form>
        </body>
        </html>
        """
}

/// Any JSON, for documents whose fields are not all known.
enum JSONValue: Codable, Sendable {
    case null, bool(Bool), number(Double), string(String), array([JSONValue]), object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let object = try? container.decode([String: JSONValue].self) {
            self = .object(object)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .null
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .number(let number): try container.encode(number)
        case .string(let string): try container.encode(string)
        case .array(let array): try container.encode(array)
        case .object(let object): try container.encode(object)
        }
    }

    var string: String? { if case .string(let string) = self { string } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    subscript(_ name: String) -> JSONValue? { if case .object(let object) = self { object[name] } else { nil } }

    func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(var old) = self, case .object(let changes) = patch else { return patch }
        for (name, value) in changes {
            if case .null = value { old[name] = nil } else { old[name] = old[name]?.merging(value) ?? value }
        }
        return .object(old)
    }

    func lines(named name: String) -> [[String: String]] {
        switch self {
        case .object(let object): object.sorted { $0.key < $1.key }.flatMap { $1.lines(named: "\(name).\($0)") }
        case .array(let array): [["name": name, "value": array.compactMap(\.string).joined(separator: ", ")]]
        case .string(let string): [["name": name, "value": string]]
        case .number(let number): [["name": name, "value": "\(number)"]]
        case .bool(let bool): [["name": name, "value": "\(bool)"]]
        case .null: []
        }
    }
}
