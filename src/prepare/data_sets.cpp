#include "prepare/data_sets.h"

#include <string>
#include <vector>

#include "core/fail.h"
#include "prepare/bach10_data_set.h"
#include "prepare/cmedia_data_set.h"
#include "prepare/egmd_data_set.h"
#include "prepare/enst_drums_data_set.h"
#include "prepare/folder_data_set.h"
#include "prepare/geerdes_data_set.h"
#include "prepare/groove_data_set.h"
#include "prepare/guitarset_data_set.h"
#include "prepare/idmt_smt_bass_data_set.h"
#include "prepare/maestro_data_set.h"
#include "prepare/maps_data_set.h"
#include "prepare/mir_st500_data_set.h"
#include "prepare/musicnet_data_set.h"
#include "prepare/rwc_pop_data_set.h"
#include "prepare/slakh_data_set.h"
#include "prepare/urmp_data_set.h"

namespace yourmt3 {

std::span<const DataSet* const> data_sets() {
  static const Bach10DataSet bach10;
  static const CmediaDataSet cmedia;
  static const EgmdDataSet egmd;
  static const EnstDrumsDataSet enst_drums;
  static const FolderDataSet folder;
  static const GeerdesDataSet geerdes;
  static const GrooveDataSet groove;
  static const GuitarSetDataSet guitarset;
  static const IdmtSmtBassDataSet idmt_smt_bass;
  static const MaestroDataSet maestro;
  static const MapsDataSet maps;
  static const MirSt500DataSet mir_st500;
  static const MusicNetDataSet musicnet;
  static const RwcPopDataSet rwc_pop;
  static const SlakhDataSet slakh;
  static const UrmpDataSet urmp;
  static const std::vector<const DataSet*> all = {
      &bach10,         //
      &cmedia,         //
      &egmd,           //
      &enst_drums,     //
      &folder,         //
      &geerdes,        //
      &groove,         //
      &guitarset,      //
      &idmt_smt_bass,  //
      &maestro,        //
      &maps,           //
      &mir_st500,      //
      &musicnet,       //
      &rwc_pop,        //
      &slakh,          //
      &urmp,
  };
  return all;
}

const DataSet& data_set_named(std::string_view name) {
  std::string names;
  for (const DataSet* set : data_sets()) {
    if (set->name() == name) return *set;
    names += (names.empty() ? "" : ", ") + set->name();
  }
  fail(ErrorCode::kNotFound, "no data set is called '{}'; there are {}", name, names);
}

}  // namespace yourmt3
