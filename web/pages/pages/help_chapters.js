// The chapters of the help, in the order in which a newcomer reads them; each is a file of docs/.
export const kChapters = [
  { id: "getting_started", title: "Getting started", about: "start, set up, first peer, first test" },
  { id: "appliance", title: "The live appliance", about: "boot, console, network, drives for data, what watches over it" },
  {
    id: "reading_the_graphs",
    title: "Reading the graphs",
    about: "smoke, bands, loss bars, gaps, colours, normal and worse",
  },
  { id: "tests_and_cost", title: "Tests and what they cost", about: "kinds, schedules, options, disk and network, timeline, pauses" },
  { id: "owamp_and_firewalls", title: "OWAMP and firewalls", about: "ports, directions, requests, private addresses" },
  { id: "clocks", title: "Clocks and errors", about: "offset, bound, chrony, negative delays, same clock" },
  { id: "fitness", title: "Fit to measure", about: "sonde check, clock, NIC, kernel, cores, what the appliance sets" },
  { id: "setup-file", title: "Set-up by a file", about: "unattended, sonde-setup.xml, sonde setup-file, password hash" },
  { id: "backup", title: "Backup and restore", about: "one file, same node or copy, the way back, what is left out" },
  { id: "upgrade", title: "Install and upgrade", about: "on a disk, signed images, two systems, the trial, going back" },
  { id: "troubleshooting", title: "Troubleshooting", about: "no data, refused, disk full, lost password, certificate" },
  { id: "command_line", title: "Command line", about: "run, measure, status, results, setup-code" },
  { id: "api", title: "API", about: "REST, tokens, streams, CSV" },
  { id: "privacy", title: "Privacy", about: "what is stored about whom, for how long" },
];
