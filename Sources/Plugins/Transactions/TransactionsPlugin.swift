//  Transactions: payments. Nobody pays here, so there are none.

import PluginKit

struct TransactionsPlugin: ViewPlugin {
    static let name = "transactions"
    static let source = ViewSource.nothing
}
