// Answers the set-up's questions on a machine's console, as the person would who has a fixed address and a new drive.

/** Takes what stands in brackets for every further question of a part; what is said at its end. */
export async function takeTheRest(console) {
  for (;;) {
    const [said] = await console.expect(/[A-Z][^\n[]*\[.*\]: |Kept until.*|In force\.|Nothing was changed\./, 60);
    if (!said.includes("[")) break;
    console.type("\r");
  }
  await console.answer(/Enter goes on\. /, "");
}

/** console: a SerialLine. wrongAddress is tried first and must be refused. Without a disk data stay in memory. */
export async function answerSetup(console, { name, wrongAddress, address, gateway, password, disk }) {
  console.type("s\r");
  await console.answer(/Name of this node \[.*\]: /, name);
  await console.answer(/Interface \[.*\]: /, "");
  await console.answer(/IPv4 \[.*\]: /, "2");
  if (wrongAddress) {
    await console.answer(/\[.*\]: /, wrongAddress);
    await console.expect(/allowed is/);
  }
  await console.answer(/\[.*\]: /, address);
  await console.answer(/IPv4 router \[.*\]: /, gateway);
  for (;;) {
    // What is not told here stays as it is suggested.
    const [question] = await console.expect(
      /([A-Z][^\n\[]*\[.*\]: |\(not shown\): |once more: |Keep data on .*: |Type \w+ to format.*: |Set this node up.*: |Enter goes on)/,
      60,
    );
    if (/not shown|once more/.test(question)) console.type(password + "\r");
    else if (question.startsWith("Keep data on")) console.type((disk ?? "") + "\r");
    else if (question.startsWith("Type ")) console.type(disk + "\r");
    else console.type("\r");
    if (/Set this node up/.test(question)) break;
  }
  await console.expect(/This node is set up\./, 120);
  console.type("\r");
}
