//  The brand of a host name, for whoever opens a page there: `GET /whitelabel/{DOMAIN}` and its pictures.
//
//  Crossbar's `/accounts/{A}/whitelabel/domains` asks the DNS whether a name leads to the server. This server has no
//  network, and answers 404.

import PluginKit

struct WhitelabelDomainsPlugin: Plugin {
    static let name = "whitelabel_domains"
    static let summary: String? = "How a provider's pages look, by the name of their host."

    static func routes(kit: Kit) -> [PluginRoute] {
        let document = route(kit, answersFiles: []) { service, id throws(APIError) in .document(try service.read(id))
        }
        var routes: [PluginRoute] = []
        for root in ["", "/accounts/{account}"] {
            routes.append(PluginRoute(RouteTemplate("\(root)/whitelabel/{domain}"), document))
            for word in [WhitelabelLogoPlugin.word, WhitelabelIconPlugin.word, WhitelabelWelcomePlugin.word] {
                let file = route(kit, answersFiles: [.get]) { service, id throws(APIError) in
                    try service.file(word, of: id)
                }
                routes.append(PluginRoute(RouteTemplate("\(root)/whitelabel/{domain}/\(word)"), file))
            }
        }
        return routes
    }

    static func problems(kit: Kit) -> [String] { kit.catalogue.missing(WhitelabelPlugin.self, for: name) }

    private static func route(
        _ kit: Kit,
        answersFiles: Set<HTTPRequest.Method>,
        _ answer: @escaping @Sendable (BoundService, DocumentID) throws(APIError) -> Reply
    ) -> Route {
        Route([(.get, .anyone)], answersFiles: answersFiles) { call throws(APIError) in
            let domain = call.argument("domain") ?? ""
            guard let brand = try kit.holder(of: domain, WhitelabelPlugin.domain, WhitelabelPlugin.self) else {
                throw .badIdentifier(domain)
            }
            return try answer(kit.service(WhitelabelPlugin.self, for: call, in: brand.scope.text), brand.id)
        }
    }
}
