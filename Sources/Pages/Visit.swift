//  One request of a person: who it is, where, and what can be looked up to answer it.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// What every part of a page works with. It reads documents as the caller may, and never writes.
final class Visit {
    let kit: Kit
    let registry: Registry
    let request: PageRequest
    /// The names that were looked up already.
    private var names: [DocumentID: String?] = [:]

    init(_ request: PageRequest, _ kit: Kit, _ registry: Registry) {
        self.kit = kit
        self.registry = registry
        self.request = request
    }

    /// The account that the page is about: that of the path, else the caller's own.
    var account: AccountNode? { request.call?.account ?? request.caller?.account }

    /// The path of the account that the page is about.
    var accountPath: String { "/v2/accounts/\(account?.id ?? "")" }

    // MARK: Links

    /// A path of ours as a link, with the words that a browser without header fields has to repeat.
    func link(_ path: String, _ words: KeyValuePairs<String, String> = [:]) -> String {
        Self.link(path, words.map { ($0.key, $0.value) } + carried)
    }

    /// A link to what is no page and has one form only.
    func fileLink(_ path: String) -> String { Self.link(path, carried.filter { $0.name != "accept" }) }

    private var carried: [(name: String, value: String?)] {
        request.query.pairs.filter { $0.name == "accept" || $0.name == "auth_token" }
    }

    /// The same path with other words in its query; a nil takes one away.
    func sameLink(_ changes: [(name: String, value: String?)]) -> String {
        let kept = request.query.pairs.filter { pair in !changes.contains { $0.name == pair.name } }
        return Self.link(request.path, kept + changes.filter { $0.value != nil })
    }

    private static func link(_ path: String, _ words: [(name: String, value: String?)]) -> String {
        guard !words.isEmpty else { return path }
        let pairs = words.map { word in
            percentEncoded(word.name) + (word.value.map { "=" + percentEncoded($0) } ?? "")
        }
        return path + "?" + pairs.joined(separator: "&")
    }

    /// The list of a resource as a person wants it: from A to Z.
    func listLink(_ path: String) -> String { link(path, ["ascending": "true"]) }

    /// The path of a document of the page's account, or nil if its path is not known from its kind and id alone.
    func path(of id: DocumentID, type: String) -> String? {
        if type == "account" { return "/v2/accounts/\(percentEncoded(id.text))" }
        guard let resource = kit.catalogue[type: type], resource.parents.isEmpty,
            resource.collectionPath == "/accounts/{account}/\(resource.name)"
        else { return nil }
        return "\(accountPath)/\(resource.name)/\(percentEncoded(id.text))"
    }

    // MARK: What there is

    /// The resources of an account that the caller may list, by what they are called.
    var resources: [ResourceDefinition] {
        ofTheAccount.filter { $0.singleton == nil }.sorted { Wording.many($0) < Wording.many($1) }
    }

    /// What a resource is called among others: of two with one name, each says its word in the path.
    func title(_ resource: ResourceDefinition) -> String {
        let title = Wording.many(resource)
        let isShared = kit.catalogue.all.contains { $0.name != resource.name && Wording.many($0) == title }
        return isShared ? "\(title) (\(resource.name))" : title
    }

    /// The documents of which an account has one each, as far as the caller may see them.
    var settings: [ResourceDefinition] { ofTheAccount.filter { $0.singleton != nil } }

    private var ofTheAccount: [ResourceDefinition] {
        guard let account else { return [] }
        return kit.catalogue.all.filter { resource in
            resource.collectionPath == "/accounts/{account}/\(resource.name)"
                && mayUse(.get, [Noun("accounts", [account.id]), Noun(resource.name)])
        }
    }

    /// Whether something answers there, and the caller may ask for it.
    func mayUse(_ method: HTTPRequest.Method, _ nouns: [Noun]) -> Bool {
        registry.route(to: nouns).map { mayUse(method, nouns, of: $0) } ?? false
    }

    /// Whether the caller may ask for it at a route, for the nouns that lead there or to the page above it.
    func mayUse(_ method: HTTPRequest.Method, _ nouns: [Noun], of route: Route) -> Bool {
        guard let access = route.methods.first(where: { $0.method == method })?.access else { return false }
        return (try? access.check(request.caller, account: account, nouns: nouns)) != nil
    }

    /// Whether the caller may use a method where the page is.
    func mayUseHere(_ method: HTTPRequest.Method) -> Bool { mayUse(method, request.nouns) }

    /// What a call of a resource of this page's account begins with.
    func call() -> Call {
        Call(
            nouns: request.call?.nouns ?? [],
            placeholders: request.call?.placeholders ?? [],
            path: request.path,
            method: .get,
            caller: request.caller,
            account: account,
            requestID: request.requestID,
            time: request.time,
            isSecure: request.call?.isSecure ?? false
        )
    }

    func service(_ type: String) throws(APIError) -> BoundService { try kit.service(type: type, for: call()) }

    /// What a document of the account is called, or nil if there is none; at most 500 are looked up for one page.
    func name(of id: DocumentID, type: String) -> String? {
        if let known = names[id] { return known }
        guard names.count < 500, let account else { return nil }
        let scope = type == "account" ? id.text : account.id
        let document = (try? kit.directory.document(id.text, account: scope)).flatMap { $0 }
        let name = document.flatMap { $0.type == type ? Wording.name(of: .object($0.fields)) ?? "" : nil }
        names[id] = .some(name)
        return name
    }

    /// The first rows of the list of a kind of document, as ids and names; nil if there are more than `limit`.
    func choices(of type: String, limit: Int) -> [(id: String, name: String)]? {
        guard let resource = kit.catalogue[type: type], resource.parents.isEmpty, let account,
            mayUse(.get, [Noun("accounts", [account.id]), Noun(resource.name)]),
            var query = try? ListRequest(call())
        else { return nil }
        query.pageSize = limit
        query.order = .ascending
        guard let reply = try? service(type).list(query), reply.paging?.next == nil,
            case .rows(let rows) = reply.content
        else { return nil }
        return rows.compactMap { bytes in
            guard let row = try? JSON(parsing: bytes), let id = row["id"]?.string else { return nil }
            return (id, Wording.name(of: row) ?? id)
        }
    }

    // MARK: Forms

    /// What every form of ours carries along.
    var formWords: [Model] {
        var words: [Model] = []
        if let csrf = request.csrf { words.append(["name": "csrf", "value": csrf]) }
        return words
    }
}
