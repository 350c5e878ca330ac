//  Section D of the catalogue: what a browser client sends, as a page of another origin sends it, and the questions that it
//  asks of lists.

import PluginKit
import TestServer
import Testing

/// A call that changes something, and the status of its answer.
struct ClientCall: CustomTestStringConvertible, Sendable {
    let method: String
    /// Below the account unless it begins with /v2; `{menus}` stands for the id of a menu that is there.
    let path: String
    let data: JSON
    var status = 200

    var testDescription: String { "D4 \(method) \(path.isEmpty ? "/" : path)" }

    /// A number that the account has.
    static let number = "/phone_numbers/%2B12125550100"

    /// What is done with the documents of a collection.
    private static let ofCollections: [ClientCall] = BrowserClientTests.saved.flatMap { word, fields in
        [
            ClientCall(method: "PUT", path: "/\(word)", data: .object(fields), status: 201),
            ClientCall(method: "POST", path: "/\(word)/{\(word)}", data: .object(fields)),
            ClientCall(method: "PATCH", path: "/\(word)/{\(word)}", data: ["x_note": 1]),
            ClientCall(method: "DELETE", path: "/\(word)/{\(word)}", data: .null),
        ]
    }

    private static let ofOthers: [ClientCall] = [
        ClientCall(method: "PUT", path: "", data: ["name": "Child", "realm": "child.example.com"], status: 201),
        ClientCall(method: "POST", path: "", data: ["name": "Tenant", "ui_restrictions": ["myaccount": [:]]]),
        ClientCall(method: "PATCH", path: "", data: ["timezone": "Europe/Berlin"]),
        ClientCall(method: "DELETE", path: "", data: .null),
        ClientCall(method: "POST", path: "/access_lists", data: ["order": "allow,deny", "cidrs": ["192.0.2.0/24"]]),
        ClientCall(method: "POST", path: "/apps_store/blacklist", data: ["blacklist": []]),
        ClientCall(method: "POST", path: "/limits", data: ["twoway_trunks": 2, "inbound_trunks": 1]),
        ClientCall(method: "POST", path: "/security", data: ["auth_modules": ["cb_user_auth": ["enabled": true]]]),
        ClientCall(method: "POST", path: "/services/quote", data: ["quantities": [:]]),
        ClientCall(method: "PUT", path: "/phone_numbers/%2B12125550101", data: [:], status: 201),
        ClientCall(method: "POST", path: number, data: ["cnam": ["display_name": "Harbour"]]),
        ClientCall(method: "PATCH", path: number, data: ["cnam": ["display_name": "Harbour"]]),
        ClientCall(method: "DELETE", path: number, data: .null),
        ClientCall(method: "PUT", path: "\(number)/activate", data: [:], status: 201),
        ClientCall(method: "PUT", path: "/phone_numbers/collection", data: ["numbers": ["+12125550102"]], status: 201),
        ClientCall(method: "DELETE", path: "/phone_numbers/collection", data: ["numbers": ["+12125550100"]]),
        ClientCall(
            method: "PUT",
            path: "/phone_numbers/collection/activate",
            data: ["numbers": ["+12125550100"]],
            status: 201
        ),
        ClientCall(method: "POST", path: "/phone_numbers/fix", data: [:]),
        ClientCall(method: "POST", path: "/phone_numbers/fix/%2B12125550100", data: [:]),
        ClientCall(
            method: "PUT",
            path: "/users/{users}/user_auth",
            data: ["action": "impersonate_user"],
            status: 201
        ),
        // What only a switch could do.
        ClientCall(method: "POST", path: "/devices/{devices}/sync", data: [:], status: 501),
        ClientCall(method: "PUT", path: "/conferences/{conferences}", data: ["action": "lock"], status: 501),
        ClientCall(method: "PUT", path: "/conferences/{conferences}/participants", data: [:], status: 501),
        ClientCall(method: "PUT", path: "/conferences/{conferences}/participants/1", data: [:], status: 501),
        ClientCall(method: "POST", path: "/users/{users}/presence", data: [:], status: 501),
    ]

    static let all = ofCollections + ofOthers
}

@Suite("D: what a browser client sends and asks") struct ClientCallsTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    var account: String { "/v2/accounts/\(tenant.account)" }
    var token: String { server.master.adminToken }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
    }

    /// The path with the ids of documents, which are made.
    private func target(_ path: String) throws -> String {
        guard let start = path.firstIndex(of: "{"), let end = path.firstIndex(of: "}") else { return account + path }
        let word = String(path[path.index(after: start)..<end])
        let fields = try #require(BrowserClientTests.saved.first { $0.0 == word }?.1)
        let id = try server.put("\(account)/\(word)", .object(fields), token).id
        return try target(path[..<start] + id + path[path.index(after: end)...])
    }

    @Test("D4: what a page of another origin may send, it sends with success", arguments: ClientCall.all)
    func aPageSendsWhatItMay(call: ClientCall) throws {
        _ = try server.put(account + ClientCall.number, ["create_with_state": "reserved"], token)
        let target = try target(call.path)
        var preflight = BrowserClientTests.origin
        preflight["HTTP_ACCESS_CONTROL_REQUEST_METHOD"] = call.method
        preflight["HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] = "content-type, x-auth-token"
        let allowed = try server.send("OPTIONS", target, fields: preflight)
        #expect(allowed.status == 200)
        #expect(allowed.fields[.accessControlAllowMethods]?.contains(call.method) == true)

        var body = ""
        if var data = call.data.object {
            data["ui_metadata"] = ["version": "4.3-1", "ui": "monster-ui", "origin": "voip"]
            body = JSON.object(["data": .object(data), "accept_charges": true]).text()
        }
        var fields = BrowserClientTests.origin
        if !body.isEmpty { fields["CONTENT_TYPE"] = "application/json" }
        let answer = try server.send(call.method, target, body, token: token, fields: fields)
        #expect(answer.status == call.status, "\(answer.json)")
        #expect(answer.json["status"]?.string == (call.status < 400 ? "success" : "error"))
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.fields[.accessControlAllowOrigin] != nil)
        #expect(call.status >= 400 || answer.data.object != nil)
    }

    /// A collection, what two documents have, a question, and whether it finds the second too; the first it finds always.
    static let questions: [(String, JSONObject, JSONObject, String, Bool)] = [
        ("vmboxes", ["type": "mainVMBox"], [:], "filter_type=mainVMBox", false),
        ("devices", ["owner_id": owner], [:], "filter_owner_id=5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", false),
        ("devices", [:], ["owner_id": owner], "key_missing=owner_id", false),
        (
            "devices", ["device_type": "mobile", "mobile": ["mdn": "+12125550100"]], [:],
            "filter_mobile.mdn=%2B12125550100", false
        ),
        ("devices", ["x_note": 1], [:], "with_status=true", true),
        ("callflows", ["group_id": owner], [:], "filter_group_id=5f0c7b1e9d3a4c628e10b7d4a9c3e2f1", false),
        ("callflows", ["owner_id": owner], [:], "has_key=owner_id", false),
        ("callflows", ["type": "mainNumber"], [:], "has_value=type", false),
        ("callflows", ["flow": ["module": "menu", "data": [:]]], [:], "filter_flow.module=menu", false),
        ("callflows", ["type": "mainNumber"], [:], "has_type=type", true),
        ("users", ["new_user": true], [:], "filter_new_user=true", false),
        ("users", ["priv_level": "admin"], ["priv_level": "user"], "filter_priv_level=admin", false),
        ("menus", ["merge": ["strategy": "x"]], [:], "filter_merge.strategy=x", false),
        ("menus", ["ui_metadata": ["origin": "voip"]], [:], "filter_ui_metadata.origin=voip", false),
        ("menus", [:], [:], "paginate=false&_=1700000000", true),
        ("menus", [:], [:], "ascending=true&page_size=2", true),
    ]
    private static let owner: JSON = "5f0c7b1e9d3a4c628e10b7d4a9c3e2f1"

    @Test("D5: a list answers what a client asks of it", arguments: questions)
    func aListAnswers(word: String, first: JSONObject, second: JSONObject, query: String, findsBoth: Bool) throws {
        let plain: [String: [JSONObject]] = [
            "vmboxes": [["name": "A", "mailbox": "1"], ["name": "B", "mailbox": "2"]],
            "callflows": [["name": "A", "numbers": ["1"]], ["name": "B", "numbers": ["2"]]],
            "users": [["first_name": "A", "last_name": "X"], ["first_name": "B", "last_name": "X"]],
        ]
        let ids = try zip([first, second], plain[word] ?? [["name": "A"], ["name": "B"]]).map { fields, plain in
            var document = plain
            for (name, value) in fields { document[name] = value }
            return try server.put("\(account)/\(word)", .object(document), token).id
        }
        let rows = try server.get("\(account)/\(word)?\(query)", token).rows.compactMap { $0["id"]?.string }
        #expect(rows.contains(ids[0]))
        #expect(rows.contains(ids[1]) == findsBoth)
    }

    @Test("D2: the first login of an account stores what its people may see, in the whole account")
    func aFirstLoginStoresWhatPeopleSee() throws {
        var whole = try #require(server.get(account, tenant.adminToken).data.object)
        whole["ui_restrictions"] = ["myaccount": ["account": ["show_tab": true]]]
        (whole["language"], whole["timezone"], whole["announcement"]) = ("en-us", "Europe/Berlin", "Hello")
        let stored = try server.send("POST", account, .object(whole), tenant.adminToken)
        #expect(stored.status == 200, "\(stored.json)")
        let read = try server.get(account, tenant.adminToken)
        #expect(read.json["version"]?.string != nil)
        for (name, value) in whole { #expect(read.data[name] == value, "\(name)") }
        let user = try server.get("\(account)/users/\(tenant.admin)", tenant.adminToken).data
        for name in ["id", "priv_level", "first_name", "last_name"] { #expect(user[name]?.string != nil, "\(name)") }
    }

    @Test("D1: whoever's token is over is told so in words that a client can read")
    func whoeversTokenIsOverIsTold() throws {
        server.advance(by: 50_000)
        let answer = try server.send("GET", account, token: tenant.adminToken, fields: BrowserClientTests.origin)
        #expect(answer.status == 401)
        #expect(answer.fields[.contentType] == "application/json")
        #expect(answer.fields[.accessControlAllowOrigin] != nil)
        #expect(answer.json["error"] == "401" && answer.json["message"] == "invalid credentials")
    }
}
