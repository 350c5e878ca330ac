//  What every resource owes, tested once: each plugin is driven through HTTP from its own examples.

import Plugins
import TestServer
import Testing

@testable import PluginKit

/// A resource under test. Some have no collection of the common form, or give a verb another meaning; these have tests
/// of their own.
struct Subject: CustomTestStringConvertible, Sendable {
    let definition: ResourceDefinition
    let collectionPath: String
    let itemPath: String
    let examples: [JSON]

    var testDescription: String { definition.name }

    static let special: Set<String> = [
        "accounts", "apps_store", "configs", "phone_numbers", "vmboxes_messages",
    ]

    static let all: [Subject] = {
        let catalogue = try? Catalogue(DiscoveredPlugins.all, schemas: DiscoveredPlugins.schemaSet())
        return DiscoveredPlugins.all.compactMap { plugin in
            guard let resource = plugin as? any ResourcePlugin.Type, !special.contains(resource.name),
                !(plugin is any SingletonPlugin.Type),
                let definition = catalogue?[type: resource.documentType]
            else { return nil }
            return Subject(
                definition: definition,
                collectionPath: resource.collectionPath,
                itemPath: resource.itemPath,
                examples: resource.examples
            )
        }
    }()
}

@Suite struct ConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    private func path(_ subject: Subject, in account: String? = nil) throws -> String {
        try examples.collection(subject, in: account)
    }

    private func create(_ subject: Subject, _ example: Int = 0) throws -> Answer {
        let document = try examples.completed(subject.examples[example], of: subject.definition)
        return try server.put(path(subject), document, tenant.adminToken)
    }

    @Test(arguments: Subject.all)
    func everyExampleIsCreatedAndReadBack(subject: Subject) throws {
        for (index, example) in subject.examples.enumerated() {
            let created = try create(subject, index)
            let item = try "\(path(subject))/\(created.id)"
            #expect(created.fields[.location] == item)
            #expect(created.revision?.hasPrefix("1-") == true)
            let read = try server.get(item, tenant.adminToken)
            #expect(read.status == 200)
            #expect(read.data == created.data)
            let revision = try #require(created.revision)
            #expect(read.fields[.eTag]?.hasPrefix("\"\(revision)") == true)
            for (name, value) in try #require(example.object) where name != "password" && read.data[name] != nil {
                #expect(read.data[name]?.object != nil || read.data[name] == value || value.string != nil, "\(name)")
            }
            for name in read.data.object?.keys ?? [] where name != "_read_only" {
                #expect(!name.hasPrefix("_") && !name.hasPrefix("pvt_"))
            }
        }
    }

    @Test(arguments: Subject.all)
    func aDeletedDocumentIsRestoredAsItWas(subject: Subject) throws {
        let id = try create(subject).id
        let item = try "\(path(subject))/\(id)"
        let before = try server.get(item, tenant.adminToken).data
        #expect(try server.send("DELETE", item, token: tenant.adminToken).status == 200)
        let deleted = "/v2/accounts/\(tenant.account)/deleted"
        let rows = try server.get("\(deleted)?filter_type=\(subject.definition.documentType)", tenant.adminToken).rows
        #expect(rows.map { $0["id"]?.string } == [id])
        let restored = try server.send("PUT", "\(deleted)/\(id)", token: tenant.adminToken)
        #expect(restored.status == 201 && restored.fields[.location] == item, "\(restored.json)")
        #expect(try server.get(item, tenant.adminToken).data == before)
        #expect(try server.get(path(subject), tenant.adminToken).rows.contains { $0["id"]?.string == id })
        #expect(try server.get("\(deleted)/\(id)", tenant.adminToken).status == 404)
        #expect(try server.send("PUT", "\(deleted)/\(id)", token: tenant.adminToken).status == 404)
    }

    @Test(arguments: Subject.all)
    func aCreatedDocumentIsInTheListAndADeletedOneIsNot(subject: Subject) throws {
        let id = try create(subject).id
        #expect(try server.get(path(subject), tenant.adminToken).rows.contains { $0["id"]?.string == id })
        let deleted = try server.send("DELETE", "\(path(subject))/\(id)", token: tenant.adminToken)
        #expect(deleted.status == 200)
        #expect(deleted.data["_read_only"]?["deleted"] == true)
        #expect(try !server.get(path(subject), tenant.adminToken).rows.contains { $0["id"]?.string == id })
        let gone = try server.get("\(path(subject))/\(id)", tenant.adminToken)
        #expect(gone.status == 404)
        #expect(gone.json["message"] == "bad_identifier")
        #expect(gone.data["cause"]?.string == id)
        #expect(try server.send("DELETE", "\(path(subject))/\(id)", token: tenant.adminToken).status == 404)
    }

    @Test(arguments: Subject.all)
    func pagesCoverTheListOnceInBothOrders(subject: Subject) throws {
        _ = try examples.make(subject.definition.documentType)
        let before = try server.get("\(path(subject))?paginate=false", tenant.adminToken).rows.count
        for _ in 0..<7 { _ = try examples.make(subject.definition.documentType) }
        for order in ["", "&ascending=true"] {
            var ids: [String] = []
            var start = ""
            repeat {
                let page = try server.get("\(path(subject))?page_size=3\(order)\(start)", tenant.adminToken)
                #expect(page.json["page_size"]?.int == page.rows.count)
                ids += page.rows.compactMap { $0["id"]?.string }
                start = page.json["next_start_key"]?.string.map { "&start_key=\($0)" } ?? ""
            } while !start.isEmpty
            #expect(ids.count == before + 7)
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test(arguments: Subject.all)
    func replacingRemovesWhatIsLeftOutAndMergingKeepsIt(subject: Subject) throws {
        let created = try create(subject)
        let item = try "\(path(subject))/\(created.id)"
        let merged = try server.send("PATCH", item, ["x_note": ["a": 1, "b": 2]], tenant.adminToken)
        #expect(merged.status == 200)
        #expect(merged.revision?.hasPrefix("2-") == true)
        let partly = try server.send("PATCH", item, ["x_note": ["a": .null]], tenant.adminToken)
        #expect(partly.data["x_note"] == ["b": 2])
        let replaced = try server.send("POST", item, created.data, tenant.adminToken)
        #expect(replaced.status == 200)
        #expect(replaced.data["x_note"] == nil)
        #expect(try replaced.id == created.id)
    }

    @Test(arguments: Subject.all)
    func aFilterChoosesDocuments(subject: Subject) throws {
        let created = try create(subject)
        let item = try "\(path(subject))/\(created.id)"
        _ = try server.send("PATCH", item, ["x_note": "wanted"], tenant.adminToken)
        let found = try server.get("\(path(subject))?filter_x_note=wanted", tenant.adminToken)
        #expect(try found.rows.map { $0["id"]?.string } == [created.id])
        #expect(try server.get("\(path(subject))?filter_x_note=other", tenant.adminToken).rows.isEmpty)
    }

    @Test(arguments: Subject.all)
    func anotherAccountsDocumentDoesNotExist(subject: Subject) throws {
        let stranger = try server.makeTenant("Stranger")
        let id = try create(subject).id
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let theirs = try server.send(method, "\(path(subject))/\(id)", ["name": "x"], stranger.adminToken)
            #expect(theirs.status == 403)
            let inOwn = try "\(path(subject, in: stranger.account))/\(id)"
            #expect(try server.send(method, inOwn, ["name": "x"], stranger.adminToken).status == 404)
        }
        #expect(try server.get("\(path(subject))/\(id)", tenant.adminToken).status == 200)
        #expect(try server.get("\(path(subject))/\(id)", server.master.adminToken).status == 200)
    }

    @Test(arguments: Subject.all)
    func nobodyGetsInWithoutAToken(subject: Subject) throws {
        let id = try create(subject).id
        for target in [try path(subject), try "\(path(subject))/\(id)"] {
            #expect(try server.send("GET", target).status == 401)
        }
    }

    @Test(arguments: Subject.all)
    func aStaleRevisionIsRefused(subject: Subject) throws {
        let created = try create(subject)
        let item = try "\(path(subject))/\(created.id)"
        let body = #"{"data":{"x_note":1}}"#
        let first = try server.send(
            "PATCH",
            item,
            body,
            token: tenant.adminToken,
            fields: ["HTTP_IF_MATCH": "\"\(created.revision ?? "")\""]
        )
        #expect(first.status == 200)
        let second = try server.send(
            "PATCH",
            item,
            #"{"data":{"x_note":2}}"#,
            token: tenant.adminToken,
            fields: ["HTTP_IF_MATCH": "\"\(created.revision ?? "")\""]
        )
        #expect(second.status == 412)
        #expect(try server.get(item, tenant.adminToken).data["x_note"] == 1)
    }

    @Test(arguments: Subject.all)
    func eachRealChangeIsToldOnceAndNoOtherIs(subject: Subject) throws {
        let document = try examples.completed(subject.examples[0], of: subject.definition)
        let collection = try path(subject)
        let before = try server.events().last?.sequence ?? 0
        let created = try server.put(collection, document, tenant.adminToken)
        let item = try "\(path(subject))/\(created.id)"
        for value in [1, 1, 2] {
            _ = try server.send("PATCH", item, ["x_note": .number(JSONNumber(value))], tenant.adminToken)
        }
        let bad = try #require(BadValue.all(of: subject).first)
        var refused = try #require(document.object)
        refused[bad.field] = bad.value
        #expect(try server.send("POST", item, .object(refused), tenant.adminToken).status == 400)
        _ = try server.send("DELETE", item, token: tenant.adminToken)
        let events = try server.events(after: before)
        let type = subject.definition.documentType
        #expect(
            events.map(\.event.name)
                == ["\(type)_created", "\(type)_edited", "\(type)_edited", "\(type)_deleted"]
        )
        #expect(events.allSatisfy { $0.event.actor == "user:\(tenant.admin)" })
        #expect(events[1].event.changed == ["x_note"])
        #expect(events.allSatisfy { $0.event.reloads == subject.definition.reloads.sorted() })
        #expect(Set(events.map(\.event.id)).count == events.count)
        #expect(events.map(\.event.revision.generation) == [1, 2, 3, 4])
    }

    @Test(arguments: Subject.all)
    func aTakenValueIsRefusedAndFreeAgainAfterADelete(subject: Subject) throws {
        guard !subject.definition.uniqueFields.isEmpty else { return }
        let unique = subject.definition.uniqueFields.flatMap(\.paths)
        let declared = try #require(
            subject.examples.first { example in unique.contains { !$0.texts(in: example.object ?? [:]).isEmpty } }
        )
        let example = try examples.completed(declared, of: subject.definition)
        let id = try server.put(path(subject), example, tenant.adminToken).id
        let refused = try server.send("PUT", path(subject), example, tenant.adminToken)
        #expect(refused.status == 400)
        for field in subject.definition.uniqueFields {
            for (path, _) in field.paths.flatMap({ $0.texts(in: example.object ?? [:]) }) {
                let place = (field.reportedAt ?? path).description
                let message = refused.data[place]?["unique"]?["message"]?.string
                #expect(field.telling == nil ? message == field.message : message?.isEmpty == false)
            }
        }
        _ = try server.send("DELETE", "\(path(subject))/\(id)", token: tenant.adminToken)
        #expect(try server.send("PUT", path(subject), example, tenant.adminToken).status == 201)
    }
}
