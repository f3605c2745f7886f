#pragma once

namespace yourmt3 {

/// How initial weights differ from the reference's, of which 1 keeps the size.
struct InitialiseOptions {
  double router_scale = 1;  ///< Times the weights of the routers of experts: 0 shares out nothing by what is heard.
  double expert_scale = 1;  ///< Times those of the experts.
};

}  // namespace yourmt3
