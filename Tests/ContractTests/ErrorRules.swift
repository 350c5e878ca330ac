//  Section 5.5: the exact form of each error.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let errors: [Rule] = [
        Rule("5.5.1", says: "nobody, or somebody with a token that is none") { world in
            let data: JSON = ["message": "invalid credentials"]
            try world.stranger("GET", "/v2/accounts/{A}").isRefused(401, "invalid_credentials", data)
            let junk = ["HTTP_X_AUTH_TOKEN": "junk"]
            try world.stranger("GET", "/v2/accounts/{A}", "", junk).isRefused(401, "invalid_credentials", data)
            let login = #"{"data":{"username":"admin","password":"wrong","account_name":"Tenant"}}"#
            try world.stranger("PUT", "/v2/user_auth", login).isRefused(401, "invalid_credentials", data)
        },
        Rule("5.5.1", says: "junk does not keep anybody from logging in") { world in
            let login = #"{"data":{"username":"admin","password":"secret","account_name":"Tenant"}}"#
            try world.stranger("PUT", "/v2/user_auth", login, ["HTTP_X_AUTH_TOKEN": "junk"]).succeeds(201)
        },
        Rule("5.5.2", says: "a token that was good once, even on the way to a new one") { world in
            world.server.advance(by: 100_000)
            try world.get("/v2/accounts/{A}").isRefused(401, "invalid credentials", [:])
            let login = #"{"data":{"username":"admin","password":"secret","account_name":"Tenant"}}"#
            try world.send("PUT", "/v2/user_auth", login).isRefused(401, "invalid credentials", [:])
        },
        Rule("5.5.4", says: "somebody who may not") { world in
            try world.get("/v2/accounts/{P}").isRefused(403, "forbidden", ["message": "forbidden"])
        },
        Rule("5.5.11", says: "a page size that is none") { world in
            for (size, message) in [("0", "page size must be at least 1"), ("x", "invalid page size")] {
                let answer = try world.get("/v2/accounts/{A}/devices?page_size=\(size)")
                answer.isRefused(404, "faulty_request", ["message": .string(message)])
            }
        },
        Rule("5.5.13", says: "a conflict of writes") { world throws in
            // Whom a race overtakes is tried again; what stays in conflict has this form.
            #expect(APIError.conflict.status.code == 409)
            #expect(APIError.conflict.message == "datastore_conflict")
            #expect(APIError.conflict.data == ["message": "conflicting documents"])
        },
        Rule("5.5.20", "6.5.3", says: "a list that does not fit into memory") { world in
            for number in 0..<501 { try world.device(["name": .string("d\(number)")]) }
            let list = "/v2/accounts/{A}/devices?paginate=false"
            let page = try world.get("\(list)&accept=html")
            #expect(page.status == 416)
            #expect(APIError.rangeNotSatisfiable.message == "range not satisfiable")
            #expect(APIError.rangeNotSatisfiable.data == [:])
            try world.get(list).succeeds()
        },
        Rule("5.5.23", "8.6.4", says: "an account with accounts below it stays; the master account too") { world in
            _ = try world.server.makeTenant("Child", below: world.tenant)
            let answer = try world.send("DELETE", "/v2/accounts/{A}")
            answer.isRefused(500, "account_has_descendants", ["message": "account has descendants"])
            let master = world.server.master
            let answer2 = try world.server.send("DELETE", "/v2/accounts/\(master.account)", token: master.adminToken)
            answer2.isRefused(405, "invalid_method")
        },
        Rule("5.5.24", says: "a fault of ours tells its id and not its reason") { world throws in
            let fault = APIError.internalFault("the secret reason")
            #expect(fault.status.code == 500)
            #expect(!fault.data.text().contains("secret"))
        },
    ]
}
