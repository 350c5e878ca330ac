//  One request of a person: who it is, where, and what can be looked up to answer it.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// What every part of a page works with. It reads documents as the caller may, and never writes.
final class Visit {
    let site: Site
    let request: PageRequest
    /// The names that were looked up already.
    private var names: [DocumentID: String?] = [:]

    init(_ request: PageRequest, _ site: Site) {
        self.request = request
        self.site = site
    }

    var kit: Kit { site.kit }
    var registry: Registry { site.registry }

    /// The account that the page is about: that of the path, else the caller's own.
    var account: AccountNode? { request.call?.account ?? request.caller?.account }

    /// The path of the account that the page is about.
    private(set) lazy var accountPath = "/v2/accounts/\(account?.id ?? "")"

    // MARK: Links

    /// A path of ours as a link, with the words that a browser without header fields has to repeat.
    func link(_ path: String, _ words: KeyValuePairs<String, String> = [:]) -> String {
        if words.isEmpty { return path + carried }
        return Self.link(path, words.map { ($0.key, $0.value) } + carriedWords)
    }

    /// A link to what is no page and has one form only.
    func fileLink(_ path: String) -> String { Self.link(path, carriedWords.filter { $0.name != "accept" }) }

    private lazy var carriedWords: [(name: String, value: String?)] =
        request.query.pairs.filter { $0.name == "accept" || $0.name == "auth_token" }

    /// What links without words of their own end with: nothing, for most browsers.
    private lazy var carried: String = Self.link("", carriedWords)

    /// What links to lists end with: a person wants them from A to Z.
    private(set) lazy var fromAToZ: String = Self.link("", [("ascending", "true")] + carriedWords)

    /// The same path with other words in its query; a nil takes one away.
    func sameLink(_ changes: [(name: String, value: String?)]) -> String {
        let kept = request.query.pairs.filter { pair in !changes.contains { $0.name == pair.name } }
        return Self.link(request.path, kept + changes.filter { $0.value != nil })
    }

    private static func link(_ path: String, _ words: [(name: String, value: String?)]) -> String {
        var link = path
        for (index, word) in words.enumerated() {
            link += index == 0 ? "?" : "&"
            link += percentEncoded(word.name)
            if let value = word.value { link += "=" + percentEncoded(value) }
        }
        return link
    }

    /// The list of a resource as a person wants it.
    func listLink(_ path: String) -> String { path + fromAToZ }

    /// The same address, or beginning of addresses, from this page on: shorter where a list leads to what is beside it.
    ///
    /// Source: RFC 3986 §5.2.3: what is behind the last slash of the page's own path is replaced.
    func near(_ link: String) -> String {
        guard let directory, link.hasPrefix(directory) else { return link }
        return String(link.utf8.dropFirst(directory.utf8.count)) ?? link
    }

    /// The path of the page up to its last slash; nil if the browser's own address ends otherwise.
    private lazy var directory: String? =
        request.endsWithSlash
        ? nil : request.path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(request.path[...$0]) }

    /// The path of a document of the page's account, or nil if its path is not known from its kind and id alone.
    func path(of id: DocumentID, type: String) -> String? {
        if type == "account" { return "/v2/accounts/\(percentEncoded(id.text))" }
        guard let resource = kit.catalogue[type: type], resource.parents.isEmpty,
            resource.collectionPath == "/accounts/{account}/\(resource.name)"
        else { return nil }
        return "\(accountPath)/\(resource.name)/\(percentEncoded(id.text))"
    }

    // MARK: What there is

    /// Those places of the account to which the caller may go.
    func open(_ places: [Site.Place]) -> [Site.Place] {
        guard let account else { return [] }
        // No list has a user in its path, so none is open to that user alone.
        let nouns = [Noun("accounts", [account.id])]
        return places.filter { (try? $0.access.check(request.caller, account: account, nouns: nouns)) != nil }
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

    /// Takes from a document of the account that is at hand what it is called.
    func note(_ document: JSON) {
        guard let id = document["id"]?.string else { return }
        names[DocumentID(id)] = .some(Wording.name(of: document) ?? "")
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
            note(row)
            return (id, Wording.name(of: row) ?? id)
        }
    }

    // MARK: Forms

    /// What every form of ours carries along.
    var formWords: Markup { request.csrf.map { .hidden("csrf", $0) } ?? "" }
}
