// A shell on a machine's console.

/** Opens it through the menu, as an administrator where the node has one ({ user, password }); `does` is given a function
 * that runs a command and returns what it says. */
export async function shell(console, does, administrator) {
  await console.expect(/Choice: /, 120);
  console.type("x\r");
  if (administrator) {
    await console.answer(/Name of an administrator: /, administrator.user);
    await console.answer(/Password: /, administrator.password);
  }
  await console.expect(/exit comes back here\.[\s\S]*?# /, 30);
  let number = 0;
  const command = async (text, limit = 60) => {
    const mark = `end-${++number}`;
    // The mark is written in two parts, so that its echo is not taken for the end.
    console.type(`${text}; echo end-""${number} $?\r`);
    const [said, status] = await console.expect(new RegExp(`([\\s\\S]*?)\\n${mark} (\\d+)`), limit).then((m) => [m[1], Number(m[2])]);
    return { said: said.split("\n").slice(1).join("\n").trim(), status };
  };
  try {
    return await does(command);
  } finally {
    console.type("exit\r");
  }
}
