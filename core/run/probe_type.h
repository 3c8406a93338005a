#pragma once
namespace sonde { struct ProbeType; }
