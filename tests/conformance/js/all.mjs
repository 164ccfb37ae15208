// All tests, in one process: coverage.test.mjs looks back at what the others called.
//
//   node all.mjs http://127.0.0.1:8420

import "./engines.test.mjs";
import "./workgroups.test.mjs";
import "./workgroup_updates.test.mjs";
import "./tags.test.mjs";
import "./sessions.test.mjs";
import "./session_members.test.mjs";
import "./calculations.test.mjs";
import "./queue.test.mjs";
import "./notebooks.test.mjs";
import "./notebook_sessions.test.mjs";
import "./objects.test.mjs";
import "./uploads.test.mjs";
import "./coverage.test.mjs";
