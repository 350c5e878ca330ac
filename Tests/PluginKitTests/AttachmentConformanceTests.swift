//  What every attachment owes, tested once: each plugin is driven through HTTP from its declaration.

import HTTPMessage
import Plugins
import TestServer
import Testing

@testable import Gateway
@testable import PluginKit

/// An attachment under test.
struct AttachmentSubject: CustomTestStringConvertible, Sendable {
    let plugin: any AttachmentPlugin.Type
    let parentType: String
    let word: String
    let sizeLimit: Int
    /// What a file of the type begins with.
    let beginning: [UInt8]
    /// A media type that it takes.
    let mediaType: String

    var testDescription: String { plugin.name }

    /// Those of documents in common collections, and of accounts' singletons; the others' plugins have tests of their own.
    static let all: [AttachmentSubject] = DiscoveredPlugins.all.compactMap { plugin in
        (plugin as? any AttachmentPlugin.Type)?.subject
    }.filter { subject in
        subject.singleton != nil || Subject.all.contains { $0.definition.documentType == subject.parentType }
    }

    /// The parent, if it is the one document of its kind.
    var singleton: SingletonSubject? {
        SingletonSubject.all.first { $0.definition.documentType == parentType && $0.ownerType == nil }
    }
}

extension AttachmentPlugin {
    fileprivate static var subject: AttachmentSubject {
        AttachmentSubject(
            plugin: Self.self,
            parentType: Parent.documentType,
            word: word,
            sizeLimit: min(sizeLimit, FileLimits().body),
            beginning: Self.beginnings[mediaType] ?? [],
            mediaType: mediaType
        )
    }

    private static var mediaType: String { (mediaTypes.first ?? "").replacing("*", with: "png") }

    private static var beginnings: [String: [UInt8]] {
        ["image/png": [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "audio/mp3": Array("ID3".utf8)]
    }
}

@Suite struct AttachmentConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    /// A small file of the subject's type.
    private func sample(_ subject: AttachmentSubject, _ rest: [UInt8] = [0, 0xFF, 0x0A]) -> [UInt8] {
        subject.beginning + rest
    }

    /// A new document, and the path of its file.
    private func document(_ subject: AttachmentSubject) throws -> (item: String, file: String) {
        if let singleton = subject.singleton {
            let item = "/v2" + singleton.path.replacing("{account}", with: tenant.account)
            _ = try server.put(item, singleton.examples[0], tenant.adminToken)
            return (item, "\(item)/\(subject.word)")
        }
        let id = try examples.make(subject.parentType)
        let item = try "\(examples.collection(.of(subject.parentType)))/\(id)"
        return (item, "\(item)/\(subject.word)")
    }

    private func upload(
        _ method: String,
        _ path: String,
        _ bytes: [UInt8],
        type: String
    ) throws -> Answer {
        try server.upload(method, path, bytes, type: type, tenant.adminToken)
    }

    private func sent(_ answer: Answer) throws -> [UInt8]? { try server.fileSent(for: answer) }

    @Test func thereAreSome() {
        #expect(AttachmentSubject.all.contains { $0.singleton != nil })
        #expect(AttachmentSubject.all.contains { $0.singleton == nil })
    }

    @Test(arguments: AttachmentSubject.all, ["PUT", "POST"])
    func whatIsUploadedIsSentByTheFrontEnd(subject: AttachmentSubject, method: String) throws {
        let (item, file) = try document(subject)
        let missing = try server.get(file, tenant.adminToken)
        #expect(missing.status == 404)
        #expect(missing.data["cause"]?.string == subject.word)
        let before = try server.get(item, tenant.adminToken)
        let uploaded = try upload(method, file, sample(subject), type: subject.mediaType)
        #expect(uploaded.status == (method == "PUT" ? 201 : 200), "\(uploaded.json)")
        #expect(try uploaded.id == before.id)
        let read = try server.get(file, tenant.adminToken)
        #expect(read.status == 200)
        #expect(read.bytes.isEmpty)
        #expect(try sent(read) == sample(subject))
        #expect(read.fields[.contentType] == subject.mediaType)
        #expect(read.fields[.contentDisposition] == "attachment; filename=\"\(subject.word)\"")
        let tag = try #require(read.fields[.eTag])
        let known = try server.send("GET", file, token: tenant.adminToken, fields: ["HTTP_IF_NONE_MATCH": tag])
        #expect(known.status == 304)
        #expect(known.fields[.eTag] == tag)
        let accepting = ["HTTP_ACCEPT": "audio/midi, \(subject.mediaType)"]
        #expect(try server.send("GET", file, token: tenant.adminToken, fields: accepting).status == 200)
    }

    @Test(arguments: AttachmentSubject.all)
    func aNewFileIsAnEditOfItsDocumentAndTheSameIsNone(subject: AttachmentSubject) throws {
        let (item, file) = try document(subject)
        let sequence = try server.events().last?.sequence ?? 0
        let first = try upload("POST", file, sample(subject), type: subject.mediaType)
        #expect(try upload("POST", file, sample(subject), type: subject.mediaType).revision == first.revision)
        let other = try upload("POST", file, sample(subject, [1, 2, 3]), type: subject.mediaType)
        #expect(other.revision != first.revision)
        #expect(try sent(server.get(file, tenant.adminToken)) == sample(subject, [1, 2, 3]))
        let told = try server.events(after: sequence).map(\.event)
        #expect(told.map(\.name) == ["\(subject.parentType)_edited", "\(subject.parentType)_edited"])
        #expect(told.allSatisfy { $0.changed.contains(subject.word) })
        #expect(try server.get(item, tenant.adminToken).revision == other.revision)
    }

    @Test(arguments: AttachmentSubject.all)
    func aFileStaysWhenItsDocumentIsEditedAndGoesByDelete(subject: AttachmentSubject) throws {
        let (item, file) = try document(subject)
        _ = try upload("POST", file, sample(subject), type: subject.mediaType)
        #expect(try server.send("PATCH", item, ["x_note": 1], tenant.adminToken).status == 200)
        #expect(try server.get(file, tenant.adminToken).status == 200)
        let deleted = try server.send("DELETE", file, token: tenant.adminToken)
        #expect(deleted.status == 200)
        #expect(deleted.data == [:])
        #expect(try server.get(file, tenant.adminToken).status == 404)
        #expect(try server.send("DELETE", file, token: tenant.adminToken).status == 404)
        #expect(try server.get(item, tenant.adminToken).data["x_note"] == 1)
    }

    @Test(arguments: AttachmentSubject.all)
    func whatIsNoFileOfItsKindIsRefused(subject: AttachmentSubject) throws {
        let (_, file) = try document(subject)
        #expect(try upload("POST", file, sample(subject), type: "model/vrml").status == 415)
        let none = try server.send("POST", file, [:], tenant.adminToken)
        #expect(none.status == 400)
        #expect(none.data["file"]?["required"] != nil)
        let big = sample(subject, [UInt8](repeating: 7, count: subject.sizeLimit + 1 - subject.beginning.count))
        // Text begins with anything.
        if !subject.beginning.isEmpty {
            #expect(try upload("POST", file, [0x25, 0x21], type: subject.mediaType).status == 415)
        }
        let refused = try upload("POST", file, big, type: subject.mediaType)
        #expect(refused.status == 400)
        #expect(refused.data["file"]?["maxSize"]?["target"]?.int == subject.sizeLimit)
        #expect(try server.get(file, tenant.adminToken).status == 404)
    }

    @Test(arguments: AttachmentSubject.all)
    func aStaleRevisionIsRefused(subject: AttachmentSubject) throws {
        let (item, file) = try document(subject)
        let revision = try #require(server.get(item, tenant.adminToken).revision)
        _ = try server.send("PATCH", item, ["x_note": 1], tenant.adminToken)
        let parameters = CGIParameters([
            "HTTP_X_AUTH_TOKEN": tenant.adminToken, "HTTP_IF_MATCH": "\"\(revision)\"",
            "CONTENT_TYPE": subject.mediaType,
        ])
        let stale = try server.send("POST", target: Array(file.utf8), parameters, sample(subject))
        #expect(stale.status == 412)
        #expect(try server.get(file, tenant.adminToken).status == 404)
    }

    @Test(arguments: AttachmentSubject.all)
    func strangersGetNothing(subject: AttachmentSubject) throws {
        let (_, file) = try document(subject)
        _ = try upload("POST", file, sample(subject), type: subject.mediaType)
        let stranger = try server.makeTenant("Stranger")
        #expect(try server.send("GET", file).status == 401)
        #expect(try server.get(file, stranger.adminToken).status == 403)
        let inOwn = file.replacing(tenant.account, with: stranger.account)
        #expect(try server.get(inOwn, stranger.adminToken).status == 404)
        let theirs = try server.upload("POST", inOwn, sample(subject), type: subject.mediaType, stranger.adminToken)
        #expect(theirs.status == 404)
    }

    @Test func aUserChangesHisOwnPhotoAndNobodyElses() throws {
        let base = "/v2/accounts/\(tenant.account)/users"
        let names: JSON = ["first_name": "A", "last_name": "B"]
        let own = try server.put(base, names, tenant.adminToken).id
        let other = try server.put(base, names, tenant.adminToken).id
        let token = try server.token(tenant.account, own)
        let bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        #expect(try server.upload("POST", "\(base)/\(own)/photo", bytes, type: "image/png", token).status == 200)
        #expect(try server.upload("POST", "\(base)/\(other)/photo", bytes, type: "image/png", token).status == 403)
        let named = try server.get("\(base)/\(own)/photo?file_name=me.png", token)
        #expect(named.fields[.contentDisposition] == "attachment; filename=\"me.png\"")
    }
}
