//  Section 4: the envelope of a request.

import HTTPMessage
import PluginKit
import TestServer
import Testing

extension Rule {
    static let envelopes: [Rule] = [
        Rule("4.1.1", says: "names beside `data` have no case and no hyphens, and nulls are not there") { world in
            let list = "/v2/accounts/{A}/devices"
            try world.send("PUT", list, #"{"DATA":{"name":"a"}}"#).succeeds(201)
            let token = world.tenant.adminToken
            for name in ["Auth-Token", "auth_token", "AUTH-token"] {
                let body = #"{"data":{"name":"a"},"\#(name)":"\#(token)","verb":null}"#
                try world.stranger("PUT", list, body).succeeds(201)
            }
            #expect(try world.send("PUT", list, #"{"data":{"name":"a","Big-Name":1}}"#).data["Big-Name"] == 1)
        },
        Rule("4.1.2", says: "the words beside `data` control the request") { world in
            for name in ["a", "b"] { try world.device(["name": .string(name)]) }
            let body = #"{"data":{},"verb":"get","page_size":"1","pretty_print":"true"}"#
            let answer = try world.send("POST", "/v2/accounts/{A}/devices", body)
            #expect(answer.rows.count == 1)
            #expect(answer.text.contains("\n"))
        },
        Rule("4.1.3", says: "filters and order are read from the query alone") { world in
            for name in ["a", "b"] { try world.device(["name": .string(name)]) }
            let plain = try world.get("/v2/accounts/{A}/devices").names
            let body = #"{"data":{"filter_name":"a"},"filter_name":"a","ascending":"true"}"#
            #expect(try world.send("GET", "/v2/accounts/{A}/devices", body).names == plain)
        },
        Rule("4.1.4", says: "ui_metadata is data like any other") { world in
            let created = try world.device(["name": "a", "ui_metadata": ["ui": "monster-ui"]])
            #expect(created.data["ui_metadata"] == ["ui": "monster-ui"])
        },
        Rule("4.1.5", says: "unknown names beside `data` do not count, nor does an id there") { world in
            let answer = try world.send("PUT", "/v2/accounts/{A}/devices", #"{"data":{"name":"a"},"id":"x","foo":[1]}"#)
            answer.succeeds(201)
            #expect(try answer.id != "x")
        },
        Rule("4.2.1", says: "no body is empty data") { world in
            try world.send("PUT", "/v2/accounts/{A}/devices").isInvalid("name", "required")
        },
        Rule("4.2.2", "4.2.3", says: "a body must have data") { world in
            for body in [#"{"foo":1}"#, #"{"data":null}"#, "{}"] {
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", body)
                answer.isInvalid("data", "required")
                #expect(answer.data["data"]?["required"]?["message"] == "Field is required but missing")
                #expect(try answer.data["data"]?["required"]?["value"] == JSON(parsing: Array(body.utf8)))
            }
        },
        Rule("4.2.4", says: "data is an object or an array") { world in
            for value in [#""x""#, "1", "true"] {
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", #"{"data":\#(value)}"#)
                answer.isInvalid("data", "type")
                #expect(answer.data["data"]?["type"]?["target"] == "object, array")
            }
        },
        Rule("4.2.5", says: "no endpoint does without the envelope") { world in
            try world.stranger("PUT", "/v2/user_auth", #"{"credentials":"x"}"#).isInvalid("data", "required")
        },
        Rule("4.2.7", says: "an array is refused where there is nothing in bulk") { world in
            try world.send("PUT", "/v2/accounts/{A}/devices", #"{"data":[{"name":"a"}]}"#).isInvalid("data", "type")
        },
        Rule("4.3.1", "4.3.2", says: "a body that is no JSON object is a violation of `invalid` at `json`") { world in
            for body in [#"{"data":"#, "[]", #""x""#, "1", "{\"data\":{}}x", "{'data':{}}"] {
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", body)
                answer.isInvalid("json", "invalid")
                #expect(answer.data["json"]?["invalid"]?["target"] == "body")
            }
            let array = try world.send("PUT", "/v2/accounts/{A}/devices", "[]")
            #expect(array.data["json"]?["invalid"]?["message"] == "All JSON must be valid")
        },
        Rule(
            "4.3.3",
            otherwise: "bytes that are not UTF-8 are refused",
            because: "guessing an encoding stores names that nobody wrote"
        ) { world in
            var parameters = CGIParameters()
            parameters.append(name: "HTTP_X_AUTH_TOKEN".utf8, value: world.tenant.adminToken.utf8)
            let target = Array("/v2/accounts/\(world.tenant.account)/devices".utf8)
            let body = Array(#"{"data":{"name":"Caf"#.utf8) + [0xE9] + Array(#""}}"#.utf8)
            try world.server.send("PUT", target: target, parameters, body).isInvalid("json", "invalid")
        },
        Rule(
            "4.3.4",
            otherwise: "64 levels are the limit, and a key comes once",
            because: "two readers of a repeated key may see two documents"
        ) { world in
            func nested(_ levels: Int) -> String {
                #"{"data":{"name":"a","x":"#
                    + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "}}"
            }
            try world.send("PUT", "/v2/accounts/{A}/devices", nested(62)).succeeds(201)
            try world.send("PUT", "/v2/accounts/{A}/devices", nested(63)).isInvalid("json", "invalid")
            let twice = #"{"data":{"name":"a","name":"b"}}"#
            try world.send("PUT", "/v2/accounts/{A}/devices", twice).isInvalid("json", "invalid")
        },
    ]
}
