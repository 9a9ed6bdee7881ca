/** Whether an HTTP server answers at a URL, and with success. */
export const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url);
    // An unread body keeps the connection, and with it the process.
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};
