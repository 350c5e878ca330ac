//  Fields that only administrators and owners see: nobody else reads them, finds them out, changes them or loses them.

import Identity
import Plugins
import TestServer
import Testing

@testable import PluginKit

/// A secret field of a plugin at one place, and an example that has it.
struct Secret: CustomTestStringConvertible, Sendable {
    let subject: Subject
    let place: JSONPath
    let example: JSON

    var testDescription: String { "\(subject.definition.name).\(place)" }

    /// What nobody else may read.
    var text: String {
        let value = example.value(at: place)
        return value?.string ?? value?.array?.first?.string ?? ""
    }

    private static func shape(of subject: Subject) -> SchemaShape? {
        (try? DiscoveredPlugins.schemaSet()).flatMap { SchemaShape(subject.definition.schema.name, in: $0) }
    }

    static let all: [Secret] = Subject.all.flatMap { subject in
        subject.definition.concealment.secretFields.compactMap { path in
            guard let place = path.place else { return nil }
            let known = subject.examples.first { $0.value(at: place) != nil }
            var example = known ?? subject.examples[0]
            let least = shape(of: subject)?.value(at: place)?.keywords["minLength"]?.int ?? 0
            if known == nil { example.set(.string(String(repeating: "471108", count: least > 6 ? 4 : 1)), at: place) }
            return Secret(subject: subject, place: place, example: example)
        }
    }
}

@Suite struct SecretFieldTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples
    /// Two users who are no administrators.
    let owner: (id: String, token: String)
    let other: (id: String, token: String)

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
        let (server, tenant) = (server, tenant)
        func user(_ name: String) throws -> (String, String) {
            let fields: JSON = ["first_name": .string(name), "last_name": "User"]
            let id = try server.put("/v2/accounts/\(tenant.account)/users", fields, tenant.adminToken).id
            return (id, try server.token(tenant.account, id))
        }
        owner = try user("Ada")
        other = try user("Grace")
    }

    /// Who sees all of it one day must not be told that nothing has changed.
    @Test func aFieldWithAPathOfItsOwnHasTheTagOfItsDocument() throws {
        let device =
            "/v2/accounts/\(tenant.account)/devices/"
            + (try server.put("/v2/accounts/\(tenant.account)/devices", ["name": "Desk"], tenant.adminToken).id)
        for token in [tenant.adminToken, other.token] {
            let whole = try server.get(device, token)
            let field = try server.get("\(device)/metaflows", token)
            #expect(field.status == 200)
            #expect(field.fields[.eTag] == whole.fields[.eTag])
            #expect(field.fields[.eTag]?.hasSuffix("-part\"") == (token == other.token))
        }
    }

    /// Makes the example, and returns the URL of its collection and of itself.
    private func make(_ secret: Secret) throws -> (collection: String, item: String, id: String) {
        let collection = try examples.collection(secret.subject)
        var fields = try #require(try examples.varied(secret.example, of: secret.subject.definition).object)
        if secret.subject.definition.schema.source["properties"]?["owner_id"] != nil {
            fields["owner_id"] = .string(owner.id)
        }
        let id = try server.put(collection, .object(fields), tenant.adminToken).id
        return (collection, "\(collection)/\(id)", id)
    }

    private func isReadable(_ secret: Secret) -> Bool {
        secret.subject.definition.access.item.contains { $0.method == .get && $0.access == .account(.user) }
    }

    /// Whether a text shows the secret, and not only an id that has its digits.
    private func shows(_ answer: Answer, _ secret: Secret) throws -> Bool {
        try answer.text.contains(Regex("\\b\(secret.text)\\b"))
    }

    @Test func everySecretIsTested() {
        #expect(Secret.all.count >= 9)
        for secret in Secret.all { #expect(!secret.text.isEmpty, "\(secret.testDescription)") }
    }

    @Test(arguments: Secret.all)
    func administratorsSeeItAndOtherUsersDoNot(secret: Secret) throws {
        let made = try make(secret)
        let value = try #require(try server.get(made.item, tenant.adminToken).data.value(at: secret.place))
        #expect(value == secret.example.value(at: secret.place))
        #expect(try server.get(made.item, server.master.adminToken).data.value(at: secret.place) == value)
        let answer = try server.get(made.item, other.token)
        #expect(answer.status == (isReadable(secret) ? 200 : 403))
        #expect(answer.data.value(at: secret.place) == nil)
        for path in [
            made.item, made.collection, "\(made.collection)?paginate=false", "\(made.collection)?accept=csv",
            "\(made.item)?accept=html", "\(made.collection)?accept=html",
        ] { #expect(try !shows(server.get(path, other.token), secret), "\(path)") }
        #expect(try shows(server.get("\(made.item)?accept=html", tenant.adminToken), secret))
    }

    @Test(arguments: Secret.all)
    func nobodyFindsItOutByAsking(secret: Secret) throws {
        let made = try make(secret)
        guard isReadable(secret) else { return }
        let (place, text) = (secret.place.description, secret.text)
        for (query, administrators) in [
            ("filter_\(place)=\(text)", true), ("has_key=\(place)", true), ("has_value=\(place)", true),
            ("filter_not_\(place)=\(text)", false), ("key_missing=\(place)", false), ("value_missing=\(place)", false),
        ] {
            func finds(_ token: String) throws -> Bool {
                try server.get("\(made.collection)?\(query)", token).rows.contains { $0["id"]?.string == made.id }
            }
            #expect(try finds(tenant.adminToken) == administrators, "\(query)")
            #expect(try finds(other.token) == !administrators, "\(query)")
        }
    }

    @Test func whoeverOwnsADocumentSeesItWhole() throws {
        let account = "/v2/accounts/\(tenant.account)"
        let device: JSON = [
            "name": "Desk", "owner_id": .string(owner.id), "sip": ["username": "ada", "password": "s3cret-s3cret"],
        ]
        let made = try server.put("\(account)/devices", device, tenant.adminToken).id
        for (token, isSeen) in [(owner.token, true), (other.token, false), (tenant.adminToken, true)] {
            let seen = try server.get("\(account)/devices/\(made)", token)
            #expect((seen.data["sip"]?["password"] != nil) == isSeen)
            #expect(try seen.data["sip"]?["username"] == "ada")
            let found = try server.get("\(account)/devices?filter_sip.password=s3cret-s3cret", token)
            #expect(found.rows.isEmpty != isSeen)
        }
        // Whoever becomes an administrator is not told that he has the document already.
        let tag = try #require(try server.get("\(account)/devices/\(made)", other.token).fields[.eTag])
        for (token, status) in [(other.token, 304), (tenant.adminToken, 200)] {
            let fields = ["HTTP_IF_NONE_MATCH": tag]
            #expect(try server.send("GET", "\(account)/devices/\(made)", token: token, fields: fields).status == status)
        }
        // A user's own document belongs to the user.
        let pin: JSON = ["hotdesk": ["id": "7", "pin": "4711"]]
        #expect(try server.send("PATCH", "\(account)/users/\(owner.id)", pin, tenant.adminToken).status == 200)
        #expect(try server.get("\(account)/users/\(owner.id)", owner.token).data["hotdesk"]?["pin"] == "4711")
        #expect(try server.get("\(account)/users/\(owner.id)", other.token).data["hotdesk"]?["pin"] == nil)
    }

    @Test func rowsShowItToWhoeverSeesIt() throws {
        let account = "/v2/accounts/\(tenant.account)"
        let conference: JSON = [
            "name": "Board", "owner_id": .string(owner.id), "member": ["pins": ["4711"], "numbers": ["3001"]],
        ]
        _ = try server.put("\(account)/conferences", conference, tenant.adminToken)
        for (token, isSeen) in [(owner.token, true), (other.token, false), (tenant.adminToken, true)] {
            for query in ["", "?paginate=false", "?filter_name=Board"] {
                let row = try #require(try server.get("\(account)/conferences\(query)", token).rows.first)
                #expect((row["member"]?["pins"] != nil) == isSeen)
                #expect(row["member"]?["numbers"] == ["3001"])
            }
        }
    }

    @Test func whatIsDeepInATreeIsHiddenThere() throws {
        let flow: JSON = [
            "module": "menu", "data": [:],
            "children": ["1": ["module": "disa", "data": ["pin": "4711", "retries": 2]]],
        ]
        let callflows = "/v2/accounts/\(tenant.account)/callflows"
        let made = try server.put(callflows, ["numbers": ["1001"], "flow": flow], tenant.adminToken).id
        let step: JSONPath = "flow.children.1.data"
        #expect(try server.get("\(callflows)/\(made)", tenant.adminToken).data.value(at: step)?["pin"] == "4711")
        let seen = try server.get("\(callflows)/\(made)", other.token).data.value(at: step)
        #expect(seen?["pin"] == nil)
        #expect(seen?["retries"] == 2)
    }

    @Test func whatADocumentWasIsHiddenLikeWhatItIs() throws {
        let path = "/v2/accounts/\(tenant.account)/vmboxes"
        let box: JSON = ["name": "Sales", "mailbox": "1002", "pin": "4711"]
        let id = try server.put(path, box, tenant.adminToken).id
        #expect(try server.send("PATCH", "\(path)/\(id)", ["pin": "1234"], tenant.adminToken).status == 200)
        for (token, isSeen) in [(tenant.adminToken, true), (other.token, false)] {
            let page = try server.get("\(path)/\(id)?accept=html&form=history", token)
            #expect(page.status == 200)
            #expect(page.text.contains("4711") == isSeen)
            #expect(page.text.contains("1234") == isSeen)
        }
    }

    /// Who does not see a field replaces the document without it, and changes nothing of it by guessing.
    @Test func whoeverDoesNotSeeItNeitherDropsNorChangesIt() {
        let concealment = Concealment(secretFields: ["pin", "sip.password", "flow.**.pin"])
        let account = AccountNode(id: "a", ancestors: [], isEnabled: true)
        let caller = Caller(
            principal: Principal(accountID: "a", userID: "u", method: .user),
            account: account,
            privilege: .user
        )
        func document(_ fields: JSONObject) -> Document {
            Document(id: DocumentID("d"), scope: .account(DocumentID("a")), type: "thing", fields: fields)
        }
        let old: JSONObject = [
            "pin": "1", "sip": ["password": "2", "username": "x"], "owner_id": "somebody",
            "flow": ["data": ["pin": "3"]], "name": "before",
        ]
        let new: JSONObject = [
            "pin": "guess", "sip": ["username": "y"], "flow": ["data": [:]], "name": "after", "owner_id": "u",
        ]
        var change = Change(old: document(old), new: document(new))
        concealment.keep(&change, by: caller)
        #expect(
            change.new?.fields == [
                "pin": "1", "sip": ["username": "y", "password": "2"], "flow": ["data": ["pin": "3"]], "name": "after",
                "owner_id": "somebody",
            ]
        )
        var own = Change(old: document(old.merging(["owner_id": "u"])), new: document(new))
        concealment.keep(&own, by: caller)
        #expect(own.new?.fields == new)
        var served = Change(old: document(old), new: document(new))
        concealment.keep(&served, by: nil)
        #expect(served.new?.fields == new)
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        JSON.object(self).merging(.object(other)).object ?? self
    }
}
