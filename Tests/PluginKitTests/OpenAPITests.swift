//  The description of the server: it is whole, and it says what the server does.

import Plugins
import TestServer
import Testing

@testable import PluginKit

@Suite struct OpenAPITests {
    let server: TestServer
    let description: JSON

    init() throws {
        server = try TestServer()
        let answer = try server.send("GET", "/v2/openapi.json")
        #expect(answer.status == 200)
        #expect(answer.fields[.contentType] == "application/json")
        description = answer.json
    }

    /// Every object in the description.
    private static func objects(in value: JSON) -> [JSONObject] {
        switch value {
        case .object(let members): [members] + members.flatMap { objects(in: $0.value) }
        case .array(let elements): elements.flatMap { objects(in: $0) }
        case .null, .bool, .number, .string: []
        }
    }

    private var operations: [(path: String, method: String, operation: JSON)] {
        (description["paths"]?.object ?? [:]).flatMap { path, item in
            (item.object ?? [:]).filter { $0.key != "parameters" }.map { (path, $0.key, $0.value) }
        }
    }

    @Test func itSaysWhatItIs() {
        #expect(description["openapi"] == "3.1.1")
        #expect(description["info"]?["title"]?.string != nil)
        #expect(description["info"]?["version"]?.string != nil)
        #expect(description["servers"]?.array?.first?["url"] == "/v2")
    }

    @Test func everyVerbOfEveryRouteIsThereAndNoOther() throws {
        let routes = try Registry(DiscoveredPlugins.all, kit: server.kit).all
        let served = routes.flatMap { route in
            route.route.methods.map { "\($0.method.rawValue.lowercased()) \(route.template)" }
        }
        #expect(operations.map { "\($0.method) \($0.path)" }.sorted() == served.sorted())
    }

    @Test func everyReferenceLeadsSomewhere() throws {
        let targets = Set(Self.objects(in: description).compactMap { $0["$ref"]?.string })
        #expect(targets.count > 10)
        for target in targets {
            let pointer = try #require(target.hasPrefix("#/") ? target.dropFirst(2) : nil, "\(target)")
            let elements = pointer.split(separator: "/").map(String.init)
            #expect(description.value(at: JSONPath(elements: elements)) != nil, "\(target)")
        }
    }

    @Test func everyOperationHasANameOfItsOwnAndAnswers() throws {
        let names = operations.compactMap { $0.operation["operationId"]?.string }
        #expect(names.count == operations.count)
        #expect(Set(names).count == names.count)
        for (path, method, operation) in operations {
            let codes = operation["responses"]?.object?.map(\.key) ?? []
            #expect(codes == [method == "put" ? "201" : "200", "default"], "\(method) \(path)")
            #expect((operation["requestBody"] == nil) || ["put", "post", "patch"].contains(method))
        }
    }

    @Test func everyArgumentOfAPathIsDeclared() throws {
        for (path, item) in description["paths"]?.object ?? [:] {
            let inPath = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            let declared = item["parameters"]?.array ?? []
            #expect(declared.compactMap { $0["name"]?.string } == inPath)
            #expect(declared.allSatisfy { $0["in"] == "path" && $0["required"] == true })
            #expect(Set(inPath).count == inPath.count)
        }
    }

    @Test func whatNeedsNoTokenSaysSo() {
        let open = operations.filter { $0.operation["security"] == [] }.map(\.path)
        let webhooks = ["/webhooks", "/webhooks/samples", "/webhooks/samples/{sample}"]
        let brands = ["", "/accounts/{account}"].flatMap { root in
            ["", "/icon", "/logo", "/welcome"].map { "\(root)/whitelabel/{domain}\($0)" }
        }
        let pictures = ["icon", "screenshot/{number}"].map { "/accounts/{account}/apps_store/{app}/\($0)" }
        let logins = ["/api_auth", "/auth/tokeninfo", "/user_auth", "/user_auth/recovery"]
        let descriptions = ["/openapi.json", "/schemas", "/schemas/{schema}"]
        let numbersForSale = ["/phone_numbers"]
        #expect(Set(open) == Set(descriptions + logins + webhooks + brands + pictures + numbersForSale))
    }

    @Test func theSchemasStillMeanWhatTheyMeant() throws {
        let components = try #require(description["components"]?["schemas"]?.object)
        #expect(components.map(\.key).sorted() == server.kit.schemas.names.sorted())
        let lines = components["users"]?["properties"]?["lines"]?["items"]?["anyOf"]?.array
        #expect(lines?.last == ["$ref": "#/components/schemas/lines"])
        #expect(components["lines"]?["properties"]?["users"]?["readOnly"] == true)
        #expect(
            components["contexts"]?["properties"]?["user_ranges"]?["items"]
                == ["$ref": "#/components/schemas/contexts/definitions/range"]
        )
    }

    @Test func whatIsOffIsNotDescribed() throws {
        let plugins = try PluginSelection(DiscoveredPlugins.all, without: ["menus"]).plugins
        let paths = try TestServer(plugins: plugins).send("GET", "/v2/openapi.json").json["paths"]?.object ?? [:]
        #expect(!paths.isEmpty)
        #expect(!paths.contains { $0.key.contains("menus") })
    }
}
