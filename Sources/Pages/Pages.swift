//  Which page answers what.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema
import PluginKit

/// The pages of the server, derived from the plugins' declarations.
package struct Pages: PageMaker {
    private let site: Site

    package init(_ kit: Kit, _ registry: Registry) { site = Site(kit, registry) }

    package func isSite(_ segments: [String]) -> Bool {
        segments.isEmpty || segments == ["login"] || segments == ["recovery"]
            || segments.first == "docs" && segments.count <= 2
    }

    package func page(at segments: [String], _ request: PageRequest) throws(APIError) -> Page {
        let visit = Visit(request, site)
        switch segments.first {
        case nil:
            guard let caller = request.caller else { return .next(visit.link("/login")) }
            return .next(visit.link("/v2/accounts/\(caller.account.id)"))
        case "login": return LoginPage(visit: visit).page()
        case "recovery": return RecoveryPage(visit: visit).page()
        default:
            let docs = DocsPage(visit: visit)
            return segments.count == 1 ? docs.overview() : try docs.page(of: segments[1])
        }
    }

    package func page(before call: Call, _ request: PageRequest) throws(APIError) -> Page? {
        let visit = Visit(request, site)
        if call.method == .get {
            if let address = ListPage.narrowed(visit) ?? visit.found ?? visit.begun { return .next(address) }
            guard call.query["form"] == "new", let subject = site.subject(call.nouns),
                subject.takesNew || visit.mayBegin(subject), let shape = shape(of: subject)
            else { return nil }
            return FormPage(visit: visit, subject: subject, shape: shape, value: .object(prefilled(call))).page()
        }
        // A button that adds or removes a row changes the form, and nothing else.
        guard call.envelope.isForm, let (data, place) = FormPage.changed(call), let subject = subject(ofChange: call),
            let shape = shape(of: subject)
        else { return nil }
        return FormPage(
            visit: visit,
            subject: subject,
            shape: shape,
            value: data,
            revision: call.envelope.members["if_match"]?.string,
            touched: place
        ).page()
    }

    package func page(of reply: Reply, to call: Call, _ request: PageRequest) throws(APIError) -> Page {
        let visit = Visit(request, site)
        if FactorPage.isAbout(call.nouns), call.method != .delete {
            return FactorPage(visit: visit).page(of: reply, to: call.method)
        }
        guard call.method == .get else {
            let next = next(after: reply, call, visit)
            guard case .value(let bytes) = reply.content, call.nouns.last?.module == "user_auth",
                let codes = (try? JSON(parsing: bytes))?["multi_factor_recovery_codes"]?.array
            else { return .next(next) }
            return LoginPage.codes(codes, next: next, visit)
        }
        if DeletedPage.isAbout(call.nouns) {
            let page = DeletedPage(visit: visit)
            return call.nouns.last?.arguments.isEmpty == true ? try page.list(reply) : try page.item(reply)
        }
        guard let subject = site.subject(call.nouns) else { return try OtherPage(visit: visit).page(reply) }
        switch subject.kind {
        case .collection(let resource):
            return try ListPage(visit: visit, resource: resource, shape: shape(of: subject)).page(reply)
        case .item(let resource): return try item(reply, resource, subject, visit)
        case .value:
            if subject.takesNew { return try OtherPage(visit: visit).page(reply) }
            guard case .value(let bytes) = reply.content, let value = try? JSON(parsing: bytes), value.object != nil
            else { return try OtherPage(visit: visit).page(reply) }
            if call.query["form"] == "edit", let shape = subject.shape {
                var own = value
                if case .settings = subject.route.content { own = value["account"] ?? [:] }
                return FormPage(visit: visit, subject: subject, shape: shape, value: own, revision: reply.revision)
                    .page()
            }
            if call.query["form"] == "delete" {
                let name = Wording.name(of: value)
                return try DeletionPage(visit: visit, subject: subject, revision: reply.revision, name: name).page()
            }
            return ItemPage(
                visit: visit,
                subject: subject,
                value: value.inForce(subject),
                revision: reply.revision,
                origins: value.origins(subject)
            ).page()
        case .other: return try OtherPage(visit: visit).page(reply)
        }
    }

    private func item(
        _ reply: Reply,
        _ resource: ResourceDefinition,
        _ subject: Subject,
        _ visit: Visit
    ) throws(APIError) -> Page {
        guard case .value(let bytes) = reply.content, let value = try? JSON(parsing: bytes) else {
            throw .internalFault("an item without a value")
        }
        switch visit.request.query["form"] {
        case "edit":
            guard let shape = shape(of: subject) else { throw .notFound }
            return FormPage(visit: visit, subject: subject, shape: shape, value: value, revision: reply.revision).page()
        case "delete": return try DeletionPage(visit: visit, subject: subject, revision: reply.revision).page()
        case "history":
            return try HistoryPage(
                visit: visit,
                subject: subject,
                resource: resource,
                value: value,
                revision: reply.revision
            ).page()
        case "link": return try ChooserPage(visit: visit, resource: resource, reply: reply).page()
        default:
            guard resource.documentType == "account" else {
                return ItemPage(visit: visit, subject: subject, value: value, revision: reply.revision).page()
            }
            return try HomePage(
                visit: visit,
                subject: subject,
                resource: resource,
                value: value,
                revision: reply.revision
            ).page()
        }
    }

    package func page(of error: APIError, _ request: PageRequest) -> Page {
        let visit = Visit(request, site)
        if RecoveryPage.isAbout(request.nouns) { return RecoveryPage(visit: visit, error: error).page() }
        if error.status == .unauthorized { return LoginPage(visit: visit, error: error).page() }
        guard let call = request.call, call.envelope.isForm else {
            return ProblemPage(visit: visit, error: error).page()
        }
        if request.nouns.last?.module == "user_auth" { return LoginPage(visit: visit, error: error).page() }
        return (try? correction(of: error, call, visit)) ?? ProblemPage(visit: visit, error: error).page()
    }

    /// The form again, with what is wrong; nil if that is no answer to the error.
    private func correction(of error: APIError, _ call: Call, _ visit: Visit) throws(APIError) -> Page? {
        if FactorPage.isAbout(call.nouns) { return try FactorPage(visit: visit).page(of: error, to: call) }
        guard let subject = subject(ofChange: call) else { return nil }
        let revision = call.envelope.members["if_match"]?.string
        if call.method == .delete {
            switch error {
            case .validation(let violations):
                let reasons = ProblemPage.reasons(violations)
                return try DeletionPage(visit: visit, subject: subject, revision: revision, reasons: reasons).page()
            case .preconditionFailed(let current):
                let reasons = ["It was changed since you looked at it. Look again before you delete it."]
                return try DeletionPage(visit: visit, subject: subject, revision: current, reasons: reasons).page()
            default: return nil
            }
        }
        guard let shape = shape(of: subject) else { return nil }
        var form = FormPage(visit: visit, subject: subject, shape: shape, value: call.envelope.data, revision: revision)
        switch error {
        case .validation(let violations):
            form.violations = violations
            return form.page()
        case .preconditionFailed(let current?):
            guard let resource = subject.resource else { return nil }
            let service = try site.kit.service(type: resource.documentType, for: visit.call())
            let stored = try service.read(service.documentID())
            form.revision = current
            form.overtakenBy = try? JSON(parsing: stored.body)
            return form.page()
        default: return nil
        }
    }

    /// What a change is about. An account is made by a request to the one above it.
    private func subject(ofChange call: Call) -> Subject? {
        if call.method == .put, call.nouns.count == 1, let noun = call.nouns.first, noun.module == "accounts",
            let parent = noun.arguments.first
        {
            return site.subject([Noun("accounts", [parent, "children"])])
        }
        return site.subject(call.nouns)
    }

    /// The schema of what goes in.
    private func shape(of subject: Subject) -> SchemaShape? {
        subject.shape ?? subject.resource.flatMap { SchemaShape($0.schema.name, in: site.kit.schemas) }
    }

    /// What the address of an empty form fills in: `data.owner_id`.
    private func prefilled(_ call: Call) -> JSONObject {
        var data = JSONObject()
        for (name, value) in call.query.pairs where name.hasPrefix("data.") {
            data.set(value.map { .string($0) }, at: JSONPath(String(name.dropFirst(5))))
        }
        return data
    }

    /// Where a browser goes on after a change.
    private func next(after reply: Reply, _ call: Call, _ visit: Visit) -> String {
        if RecoveryPage.isAbout(call.nouns), let next = RecoveryPage.next(after: reply, visit) { return next }
        if let next = visit.ownNext ?? reply.nextPage { return next }
        if let location = reply.location, location.isOwnPath {
            return visit.link(location, ["said": DeletedPage.isAbout(call.nouns) ? "restored" : "created"])
        }
        if call.method == .delete {
            if call.nouns.count == 1, let parent = call.account?.ancestors.last {
                return visit.link("/v2/accounts/\(parent)", ["said": "deleted"])
            }
            guard let id = call.nouns.last?.arguments.last, let list = visit.parentPath else {
                return visit.link(Array(call.nouns.dropLast()).path, ["said": "deleted"])
            }
            return visit.link(list, ["said": "deleted.\(id)", "ascending": "true"])
        }
        guard let route = site.registry.plugged(to: call.nouns) else { return "/" }
        switch route.content {
        case .file:
            return visit.link(call.path.lastIndex(of: "/").map { String(call.path[..<$0]) } ?? "/", ["said": "saved"])
        case .link, .links:
            // The document whose link it is.
            let nouns = Array(call.nouns.dropLast())
            return visit.link(nouns.path, ["said": "saved"])
        case .anything, .collection, .document, .elements, .index, .rows, .settings:
            let hasPage = route.route.methods.contains { $0.method == .get }
            return call.method == .put && !hasPage ? visit.link("/") : visit.link(call.path, ["said": "saved"])
        }
    }
}

extension JSON {
    /// Of settings, what holds with them, at the places that the schema names.
    fileprivate func inForce(_ subject: Subject) -> JSON {
        guard case .settings = subject.route.content, let effective = self["effective"]?.object else { return self }
        var settings = JSONObject()
        for (path, setting) in effective { settings.set(setting["value"], at: JSONPath(path)) }
        return .object(settings)
    }

    /// Of settings, which account each comes from: an id, `inherited` or `system`.
    fileprivate func origins(_ subject: Subject) -> [JSONPath: String] {
        guard case .settings = subject.route.content else { return [:] }
        var origins: [JSONPath: String] = [:]
        for (path, setting) in self["effective"]?.object ?? [:] { origins[JSONPath(path)] = setting["origin"]?.string }
        return origins
    }
}
