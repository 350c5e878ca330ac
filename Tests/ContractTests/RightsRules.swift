//  Section 10: accounts as a tree, and what somebody who is known may do in it.

import PluginKit
import TestServer
import Testing

extension World {
    /// Asks as an administrator of another account.
    fileprivate func send(
        as other: TestServer.Tenant,
        _ method: String,
        _ path: String,
        _ body: String = ""
    ) throws -> Answer {
        try server.send(method, "/v2/accounts/\(tenant.account)\(path)", body, token: other.adminToken)
    }
}

extension Rule {
    static let rights: [Rule] = [
        Rule("10.1.1", "10.2.2", "10.2.3", says: "one's own account and all below it, and nothing else") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            let grandchild = try world.server.makeTenant("Grandchild", below: child)
            let sibling = try world.server.makeTenant("Sibling")
            for below in [world.tenant, child, grandchild] {
                let path = "/v2/accounts/\(below.account)/devices"
                try world.get(path).succeeds()
                try world.send("PUT", path, #"{"data":{"name":"x"}}"#).succeeds(201)
            }
            for beyond in [world.server.master, sibling] {
                try world.get("/v2/accounts/\(beyond.account)/devices").isRefused(403, "forbidden")
            }
            for other in [child, grandchild, sibling] {
                try world.send(as: other, "GET", "").isRefused(403, "forbidden")
            }
            try world.get("/v2/accounts/{X}").isRefused(404, "bad_identifier")
        },
        Rule("10.1.2", says: "the master account rules all, and does alone what concerns the system") { world in
            try world.send(as: world.server.master, "GET", "/devices").succeeds()
            try world.send(as: world.server.master, "PUT", "/reseller").succeeds(201)
            try world.send("PUT", "/v2/accounts/{A}/reseller").isRefused(403, "forbidden")
        },
        Rule("10.1.3", says: "the reseller of an account is the nearest one above") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            func reseller() throws -> String? {
                let answer = try world.server.get("/v2/token_auth", world.server.token(child.account, child.admin))
                return answer.data["reseller_id"]?.string
            }
            #expect(try reseller() == world.server.master.account)
            try world.send(as: world.server.master, "PUT", "/reseller").succeeds(201)
            #expect(try reseller() == world.tenant.account)
            try world.send(as: world.server.master, "DELETE", "/reseller").succeeds()
            #expect(try reseller() == world.server.master.account)
        },
        Rule(
            "10.2.1",
            "10.2.6",
            otherwise: "each route has one rule, and what has none is refused",
            because: "a vote that is ignored lets plain users end an account's tokens"
        ) { world in
            let token = try world.plainToken()
            let path = "/v2/accounts/\(world.tenant.account)"
            let reset = #"{"data":{},"action":"reset_signature_secret"}"#
            try world.server.send("PUT", "\(path)/auth", reset, token: token).isRefused(404, "not_found")
            try world.server.get(path, world.tenant.adminToken).succeeds()
        },
        Rule(
            "10.2.4",
            otherwise: "plain users rule nothing but their own affairs",
            because: "in Crossbar every user can make himself an administrator"
        ) { world in
            let user = try world.user().id
            let token = try world.server.token(world.tenant.account, user)
            let path = "/v2/accounts/\(world.tenant.account)"
            func send(_ method: String, _ target: String, _ data: JSON = [:]) throws -> Answer {
                try world.server.send(method, "\(path)\(target)", data, token)
            }
            try send("PUT", "/users", ["first_name": "A", "last_name": "B"]).isRefused(403, "forbidden")
            try send("PATCH", "/users/\(user)", ["priv_level": "admin"]).isInvalid("priv_level", "forbidden")
            try send("GET", "/api_key").isRefused(403, "forbidden")
            try send("POST", "/security").isRefused(403, "forbidden")
            try send("POST", "/token_restrictions").isRefused(403, "forbidden")
            try send("PATCH", "", ["name": "x"]).isRefused(403, "forbidden")
            try send("DELETE", "").isRefused(403, "forbidden")
        },
        Rule("10.2.5", says: "without an account in the path, what concerns the caller himself") { world in
            let token = try world.plainToken()
            for target in ["token_auth", "security", "multi_factor"] {
                try world.server.get("/v2/\(target)", token).succeeds()
            }
        },
        Rule("10.3.1", says: "only a user who is an administrator makes a new key, or acts as another") { world in
            let token = try world.plainToken()
            let path = "/v2/accounts/\(world.tenant.account)"
            try world.server.send("PUT", "\(path)/api_key", token: token).isRefused(403, "forbidden")
            let body = #"{"data":{},"action":"impersonate_user"}"#
            try world.server.send("PUT", "\(path)/users/\(world.tenant.admin)/user_auth", body, token: token)
                .isRefused(403, "forbidden")
            try world.send("PUT", "/v2/accounts/{A}/api_key").succeeds(201)
        },
        Rule("10.3.2", says: "the master account moves accounts, and says where to") { world in
            let other = try world.server.makeTenant("Other")
            let body = #"{"data":{"to":"\#(other.account)"}}"#
            try world.send("POST", "/v2/accounts/{A}/move", body).isRefused(403, "forbidden")
            try world.send(as: world.server.master, "POST", "/move", #"{"data":{}}"#).isInvalid("to", "required")
            try world.send(as: world.server.master, "POST", "/move", body).succeeds()
            try world.server.get("/v2/accounts/\(world.tenant.account)", other.adminToken).succeeds()
        },
        Rule("10.3.3", says: "nobody switches his own account; one above does") { world in
            let answer = try world.send("PATCH", "/v2/accounts/{A}", #"{"data":{"enabled":false}}"#)
            answer.succeeds()
            #expect(answer.data["enabled"]?.bool != false)
            try world.get("/v2/accounts/{A}").succeeds()
            try world.send(as: world.server.master, "PATCH", "", #"{"data":{"enabled":false}}"#).succeeds()
            #expect(try world.get("/v2/accounts/{A}").status == 401)
        },
        Rule("10.3.4", says: "nobody sees the accounts beside his own") { world in
            let child = try world.server.makeTenant("Child", below: world.tenant)
            _ = try world.server.makeTenant("Twin", below: world.tenant)
            try world.get("/v2/accounts/{A}/siblings").isRefused(403, "forbidden")
            let list = try world.get("/v2/accounts/\(child.account)/siblings")
            #expect(Set(list.names) == ["Child", "Twin"])
        },
        Rule("10.3.5", says: "an account is made below the one in the path, or the caller's own") { world in
            let own = try world.send("PUT", "/v2/accounts", #"{"data":{"name":"One"}}"#)
            own.succeeds(201)
            let named = try world.send("PUT", "/v2/accounts/{A}", #"{"data":{"name":"Two"}}"#)
            named.succeeds(201)
            #expect(try Set(world.get("/v2/accounts/{A}/children").names) == ["One", "Two"])
            try world.send("PUT", "/v2/accounts/{P}", #"{"data":{"name":"Three"}}"#).isRefused(403, "forbidden")
        },
        Rule("10.3.6", says: "an administrator may end his own account, if none is below it") { world in
            try world.send("DELETE", "/v2/accounts/{A}").succeeds()
            #expect(try world.get("/v2/accounts/{A}").status == 401)
        },
    ]
}
