//  What a resource answers beyond creating, reading, changing and deleting: one line in its plugin.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A method of a path at or below a collection's or an item's: `POST /accounts/{A}/conferences/{C}/participants`.
///
/// `answer` is written like a Resource: it sees the call, and documents through their service. `change` is written like
/// a Service: one unit of work, committed with its events, tried again when somebody was faster. An action without words
/// belongs to the collection's or the item's own path, and takes the place of what stands there under its method.
package struct Action: Sendable {
    enum Place: Sendable { case collection, item }

    enum Body: Sendable {
        case answer(@Sendable (Call, BoundService) throws(APIError) -> Reply)
        case changeOfCollection(@Sendable (JSONObject, Work) throws(APIError) -> JSON)
        case changeOfItem(@Sendable (DocumentID, JSONObject, Work) throws(APIError) -> Document)
    }

    let place: Place
    let method: HTTPRequest.Method
    /// What follows the path of the place: `messages`, `participants/{participant}`.
    let words: String
    let access: Access
    /// Whether it answers with a file, or in one form only.
    var answersFile = false
    let body: Body

    /// An action on the collection that answers for itself.
    package static func collection(
        _ method: HTTPRequest.Method,
        _ words: String = "",
        access: Access = .account(.admin),
        answersFile: Bool = false,
        answer: @escaping @Sendable (Call, BoundService) throws(APIError) -> Reply
    ) -> Action {
        let body = Body.answer(answer)
        return Action(
            place: .collection,
            method: method,
            words: words,
            access: access,
            answersFile: answersFile,
            body: body
        )
    }

    /// An action on one document that answers for itself; `service.documentID()` says which.
    package static func item(
        _ method: HTTPRequest.Method,
        _ words: String = "",
        access: Access = .account(.admin),
        answer: @escaping @Sendable (Call, BoundService) throws(APIError) -> Reply
    ) -> Action {
        Action(place: .item, method: method, words: words, access: access, body: .answer(answer))
    }

    /// A change of documents of the collection: given what the client sent, it returns what is answered.
    package static func collection(
        _ method: HTTPRequest.Method,
        _ words: String = "",
        access: Access = .account(.admin),
        change: @escaping @Sendable (JSONObject, Work) throws(APIError) -> JSON
    ) -> Action {
        Action(place: .collection, method: method, words: words, access: access, body: .changeOfCollection(change))
    }

    /// A change of one document: given its id and what the client sent, it returns the document to show.
    package static func item(
        _ method: HTTPRequest.Method,
        _ words: String = "",
        access: Access = .account(.admin),
        change: @escaping @Sendable (DocumentID, JSONObject, Work) throws(APIError) -> Document
    ) -> Action {
        Action(place: .item, method: method, words: words, access: access, body: .changeOfItem(change))
    }

    fileprivate func respond(to call: Call, _ service: BoundService) throws(APIError) -> Reply {
        var reply: Reply
        switch body {
        case .answer(let answer): return try answer(call, service)
        case .changeOfCollection(let change):
            let fields = try fields(of: call)
            reply = Reply(try service.transact { work throws(APIError) in try change(fields, work) })
        case .changeOfItem(let change):
            let fields = try fields(of: call)
            let id = try service.documentID()
            reply = .document(try service.transact(id) { work throws(APIError) in try change(id, fields, work) })
        }
        reply.isCreated = method == .put
        return reply
    }

    /// What the client sent: the body, and of a DELETE, which many clients send without one, the query.
    private func fields(of call: Call) throws(APIError) -> JSONObject {
        var fields = try call.fields()
        guard method == .delete else { return fields }
        for (name, value) in call.query.pairs where fields[name] == nil { fields[name] = .string(value ?? "true") }
        return fields
    }
}

extension ResourceDefinition {
    /// Returns the routes with those of the actions among them.
    ///
    /// - Parameters:
    ///   - collection: the path of the collection.
    ///   - item: the path of one document.
    func routes(_ routes: [PluginRoute], _ collection: String, _ item: String, _ kit: Kit) -> [PluginRoute] {
        var routes = routes
        for action in actions {
            let path = action.place == .item ? item : collection
            let template = RouteTemplate(action.words.isEmpty ? path : "\(path)/\(action.words)")
            let type = documentType
            let files: Set<HTTPRequest.Method> = action.answersFile ? [action.method] : []
            let own = Route([(action.method, action.access)], answersFiles: files) { call throws(APIError) in
                try action.respond(to: call, kit.service(type: type, for: call))
            }
            if let index = routes.firstIndex(where: { $0.template.shape == template.shape }) {
                let other = routes[index]
                routes[index] = PluginRoute(template, other.route.with(own), other.content, button: other.button)
            } else {
                routes.append(PluginRoute(template, own))
            }
        }
        return routes
    }
}

extension Route {
    /// A route that answers the methods of another as that does, and its own as before.
    fileprivate func with(_ other: Route) -> Route {
        var route = self
        let taken = other.methods.map(\.method)
        route.methods = methods.filter { !taken.contains($0.method) } + other.methods
        route.answersFiles = answersFiles.subtracting(taken).union(other.answersFiles)
        route.handle = { [handle] call throws(APIError) in
            taken.contains(call.method) ? try other.handle(call) : try handle(call)
        }
        return route
    }
}
