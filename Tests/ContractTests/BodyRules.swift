//  Section 3: what is accepted, and what comes in.

import HTTPMessage
import PluginKit
import TestServer
import Testing

extension Rule {
    static let bodies: [Rule] = [
        Rule("3.1.1", "3.1.2", says: "JSON comes first, CSV has its three names") { world in
            try world.device()
            let list = "/v2/accounts/{A}/devices"
            for accept in ["", "*/*", "application/json", "application/x-json", "application/*"] {
                #expect(try world.get(list, ["HTTP_ACCEPT": accept]).fields[.contentType] == "application/json")
            }
            for accept in ["text/csv", "text/comma-separated-values", "application/octet-stream"] {
                let type = try world.get(list, ["HTTP_ACCEPT": accept]).fields[.contentType]
                #expect(type?.hasPrefix("text/csv") == true)
            }
            try world.get(list, ["HTTP_ACCEPT": "image/png"]).isRefused(406, "not_acceptable")
        },
        Rule(
            "3.1.2",
            otherwise: "an Accept field that cannot be read is 406",
            because: "it accepts nothing that we offer; a refusal says what is offered"
        ) { world throws in
            for accept in ["nonsense", ";;;", "text", "*/json"] {
                #expect(try world.get("/v2/accounts/{A}", ["HTTP_ACCEPT": accept]).status == 406)
            }
        },
        Rule(
            "3.1.2",
            "3.2.3",
            otherwise: "HTML is a representation of everything",
            because: "a person with a browser and no program must be able to work"
        ) { world in
            let answer = try world.get("/v2/accounts/{A}?accept=text/html")
            #expect(answer.status == 200)
            #expect(answer.fields[.contentType] == "text/html; charset=utf-8")
            #expect(try world.get("/v2/accounts/{A}/users/{X}?accept=html").text.contains("<h1>"))
        },
        Rule("3.1.3", "3.1.6", says: "the type of JSON has no charset") { world throws in
            #expect(try world.get("/v2/accounts/{A}").fields[.contentType] == "application/json")
        },
        Rule(
            "3.1.4",
            otherwise: "every error is typed as what it is",
            because: "clients read errors by their type"
        ) { world in
            let list = "/v2/accounts/{A}/users"
            let answers = [
                try world.get("/v1/x"), try world.send("PUT", list, "{"), try world.stranger("GET", list),
                try world.send("PUT", list, #"{"data":{}}"#, ["HTTP_ACCEPT": "text/csv"]),
            ]
            for answer in answers { #expect(answer.fields[.contentType] == "application/json") }
        },
        Rule(
            "3.1.5",
            otherwise: "answers vary by what selects them, and no cache keeps them",
            because: "there is one language, and Expires in 1999 is how one said it then"
        ) { world in
            let answer = try world.get("/v2/accounts/{A}")
            let vary = answer.fields[.vary]?.split(separator: ", ").map(String.init) ?? []
            #expect(Set(vary).isSuperset(of: ["accept", "authorization", "x-auth-token", "origin"]))
            #expect(answer.fields[.cacheControl] == "no-store")
        },
        Rule("3.2.1", says: "a tunnelled accept chooses the representation of what is read") { world in
            try world.device()
            for target in ["?accept=csv", "?accept=text/csv", "?accept=CSV"] {
                let answer = try world.get("/v2/accounts/{A}/devices\(target)", ["HTTP_ACCEPT": "application/json"])
                #expect(answer.fields[.contentType]?.hasPrefix("text/csv") == true)
            }
            let body = try world.send("POST", "/v2/accounts/{A}/devices?verb=GET", #"{"data":{},"accept":"text/csv"}"#)
            #expect(body.fields[.contentType]?.hasPrefix("text/csv") == true)
        },
        Rule(
            "3.2.2",
            "3.2.3",
            otherwise: "a tunnelled accept of what is not offered is 406",
            because: "a client that asked for a PDF and got JSON would save the wrong thing"
        ) { world in
            for accept in ["pdf", "application/pdf", "image/png"] {
                try world.get("/v2/accounts/{A}?accept=\(accept)").isRefused(406, "not_acceptable")
            }
        },
        Rule("3.2.4", says: "the answer to a write is in what the client accepts") { world in
            let created = try world.send(
                "PUT",
                "/v2/accounts/{A}/devices",
                #"{"data":{"name":"a"}}"#,
                ["HTTP_ACCEPT": "application/json"]
            )
            created.succeeds(201)
            #expect(created.fields[.contentType] == "application/json")
        },
        Rule("3.3.1", "3.3.2", says: "a body without a type is JSON, like those of its two names") { world in
            for type in ["", "application/json", "application/x-json", "Application/JSON; charset=UTF-8"] {
                let body = #"{"data":{"name":"a"}}"#
                try world.send("PUT", "/v2/accounts/{A}/devices", body, ["CONTENT_TYPE": type]).succeeds(201)
            }
        },
        Rule("3.3.3", says: "a form that begins with a bracket is JSON, whatever it holds") { world in
            let form = ["CONTENT_TYPE": "application/x-www-form-urlencoded"]
            let list = "/v2/accounts/{A}/devices"
            let created = try world.send("PUT", list, #" {"data":{"name":"a=b&c"}}"#, form)
            created.succeeds(201)
            #expect(created.data["name"] == "a=b&c")
            try world.send("PUT", list, "[]", form).isInvalid("json", "invalid")
            try world.send("PUT", list, #"{"data":"#, form).isInvalid("json", "invalid")
        },
        Rule(
            "3.3.4",
            otherwise: "a form carries data as dotted names, typed by the schema",
            because: "a browser without scripts sends nothing else"
        ) { world in
            let form = ["CONTENT_TYPE": "application/x-www-form-urlencoded"]
            let body = "data.name=Front+desk&data.enabled=false&data.sip.username=front&verb=put"
            let answer = try world.send("POST", "/v2/accounts/{A}/devices", body, form)
            answer.succeeds(201)
            #expect(answer.data["name"] == "Front desk")
            #expect(answer.data["enabled"] == false)
            #expect(answer.data["sip"]?["username"] == "front")
            try world.send("PUT", "/v2/accounts/{A}/devices", "data=x", form).isInvalid("data", "type")
        },
        Rule("3.3.5", says: "a part of JSON is a whole envelope") { world in
            for type in ["multipart/form-data", "multipart/mixed"] {
                let body = Multipart.part([("Content-Type", "application/json")], #"{"data":{"name":"a"}}"#)
                try Multipart.send(world, [body], type: type).succeeds(201)
            }
            try Multipart.send(world, [Multipart.part([], #"{"data":{"name":"b"}}"#)]).succeeds(201)
            try Multipart.send(world, [Multipart.part([], #"{"name":"b"}"#)]).isInvalid("data", "required")
        },
        Rule(
            "3.3.5",
            otherwise: "a multipart body that cannot be read is 400, and is no other thing",
            because: "guessing again turns a broken upload into a misleading error"
        ) { world in
            for body in ["", "no boundary", "--x\r\n", "--x\r\nno colon\r\n\r\n--x--", "--x y\r\n\r\n--x--"] {
                let type = ["CONTENT_TYPE": "multipart/form-data; boundary=x"]
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", body, type)
                #expect(answer.status == 400, "\(body)")
            }
            let unbounded = ["CONTENT_TYPE": "multipart/form-data"]
            try world.send("PUT", "/v2/accounts/{A}/devices", "--\r\n\r\n----", unbounded).isRefused(400, "bad_request")
        },
        Rule(
            "3.3.5",
            otherwise: "parts that are fields of a form carry data as dotted names",
            because: "a browser's form with a file sends its other fields so"
        ) { world in
            let fields = [("data.name", "Caf\u{E9}"), ("data.enabled", "true"), ("verb", "put")].map { name, value in
                Multipart.part([("Content-Disposition", "form-data; name=\"\(name)\"")], value)
            }
            let empty = Multipart.part([("Content-Disposition", #"form-data; name="photo"; filename="""#)], "")
            let answer = try Multipart.send(world, fields + [empty], method: "POST")
            answer.succeeds(201)
            #expect(answer.data["name"] == "Caf\u{E9}")
            #expect(answer.data["enabled"] == true)
        },
        Rule("3.3.6", "3.4.3", says: "bad base64 is a violation of `encoding` at `file`") { world in
            for type in ["application/base64", "application/x-base64"] {
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", "a", ["CONTENT_TYPE": type])
                answer.isInvalid("file", "encoding")
            }
        },
        Rule("3.3.6", says: "an envelope may be sent as base64") { world in
            // {"data":{"name":"a"}}
            let fields = ["CONTENT_TYPE": "application/json", "HTTP_CONTENT_TRANSFER_ENCODING": "base64"]
            let answer = try world.send("PUT", "/v2/accounts/{A}/devices", "eyJkYXRhIjp7Im5hbWUiOiJhIn19", fields)
            answer.succeeds(201)
        },
        Rule("3.3.7", "3.3.8", "3.3.9", says: "an endpoint that takes no files refuses each") { world in
            for type in ["audio/mpeg", "text/plain", "text/weird", "image/png", "application/base64"] {
                let answer = try world.send("PUT", "/v2/accounts/{A}/devices", "QUJD", ["CONTENT_TYPE": type])
                answer.isRefused(415, "unsupported_media_type")
            }
            let photo = Multipart.part([("Content-Disposition", #"form-data; name="p"; filename="p.png""#)], "x")
            try Multipart.send(world, [photo]).isRefused(415, "unsupported_media_type")
        },
        Rule(
            "3.3.8",
            otherwise: "CSV is no body that every endpoint takes",
            because: "Crossbar takes it everywhere and then says that the data is missing"
        ) { world in
            let answer = try world.send(
                "PUT",
                "/v2/accounts/{A}/devices",
                "name\r\na\r\n",
                ["CONTENT_TYPE": "text/csv"]
            )
            answer.isRefused(415, "unsupported_media_type")
            #expect(answer.data["target"]?.array?.contains("application/json") == true)
        },
        Rule("3.3.8", says: "the type of a body does not matter where it is not used") { world in
            try world.send("GET", "/v2/accounts/{A}", "x", ["CONTENT_TYPE": "text/weird"]).succeeds()
        },
        Rule("3.3.10", says: "a body of a GET is read like any other") { world in
            try world.send("GET", "/v2/accounts/{A}", "{").isInvalid("json", "invalid")
            try world.send("GET", "/v2/accounts/{A}", #"{"foo":1}"#).isInvalid("data", "required")
        },
        Rule("3.4.1", "3.4.2", says: "a body over the limit is a violation of `maxSize` at `file`") { world in
            let answer = try world.send("PUT", "/v2/accounts/{A}/devices", String(repeating: " ", count: 8_000_001))
            answer.isInvalid("file", "maxSize")
            let expected: JSON = [
                "message": "Payload or Files must not be more than 8000000 bytes", "target": 8_000_000,
            ]
            #expect(answer.data["file"]?["maxSize"] == expected)
        },
        Rule(
            "3.4.1",
            otherwise: "the limit is exact",
            because: "Crossbar counts in chunks, and so lets up to twice as much through"
        ) { world in
            let envelope = #"{"data":{"name":"a"}}"#
            let body = envelope + String(repeating: " ", count: 8_000_000 - envelope.utf8.count)
            try world.send("PUT", "/v2/accounts/{A}/devices", body).succeeds(201)
            try world.send("PUT", "/v2/accounts/{A}/devices", body + " ").isInvalid("file", "maxSize")
        },
        Rule("3.5.1", "3.5.2", says: "CSV is a download under the name that was asked for") { world in
            try world.device()
            let list = "/v2/accounts/{A}/devices?accept=csv"
            func name(_ answer: Answer) -> String? { answer.fields[.contentDisposition] }
            #expect(try name(world.get(list)) == #"attachment; filename="devices.csv""#)
            #expect(try name(world.get("\(list)&file_name=a/b/phones.csv")) == #"attachment; filename="phones.csv""#)
            let field = try world.get("\(list)&file_name=no.csv", ["HTTP_X_FILE_NAME": "yes.csv"])
            #expect(name(field) == #"attachment; filename="yes.csv""#)
            let cafe = try world.get("\(list)&file_name=caf%C3%A9%22.csv")
            #expect(name(cafe) == #"attachment; filename="caf.csv"; filename*=UTF-8''caf%C3%A9%22.csv"#)
            #expect(try name(world.get("\(list)&file_name=..")) == #"attachment; filename="devices.csv""#)
            let body = #"{"data":{},"file_name":"b.csv"}"#
            #expect(try name(world.send("POST", "\(list)&verb=get", body)) == #"attachment; filename="b.csv""#)
        },
        Rule("3.5.6", says: "CSV has pages like JSON") { world in
            for number in 0..<3 { try world.device(["name": .string("d\(number)")]) }
            let text = try world.get("/v2/accounts/{A}/devices?accept=csv&page_size=2").text
            #expect(text.split(separator: "\r\n").count == 3)
        },
    ]
}

/// Bodies of several parts.
enum Multipart {
    static func part(_ fields: [(String, String)], _ content: String) -> String {
        fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n" + content
    }

    /// Creates a device from the parts.
    static func send(
        _ world: World,
        _ parts: [String],
        type: String = "multipart/form-data",
        method: String = "PUT"
    ) throws -> Answer {
        let body = parts.map { "--b0undary\r\n\($0)\r\n" }.joined() + "--b0undary--\r\n"
        return try world.send(
            method,
            "/v2/accounts/{A}/devices",
            body,
            ["CONTENT_TYPE": "\(type); boundary=\"b0undary\""]
        )
    }
}
